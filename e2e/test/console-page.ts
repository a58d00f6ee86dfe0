import type { Locator, Page } from "playwright-core";
import { vi } from "vitest";

export type PanelName = "GitHub deliveries" | "Chat";

export interface Counters {
  readonly received: number;
  readonly replayed: number;
  readonly gaps: number;
  readonly repeated: number;
}

/** One row, as the reader sees it when it is chosen. A row without an id is a mark or a gap. */
export interface ShownRow {
  readonly id: string | undefined;
  readonly title: string;
  readonly replayed: boolean;
  readonly body: string | undefined;
}

/**
 * Chooses every row from the oldest to the newest with the list's own keys, and reads each. A string: it runs in the page,
 * not here.
 */
const READ_ROWS = `(async () => {
  const list = document.querySelector('[role="listbox"]');
  const press = async (key) => {
    list.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    await new Promise((resolve) => setTimeout(resolve));
  };
  const rows = [];
  await press("End");
  const count = Number(list.querySelector('[role="option"]').getAttribute("aria-setsize"));
  for (;;) {
    const detail = document.querySelector('section[aria-label="Chosen row"]');
    const field = (name) =>
      [...detail.querySelectorAll("dt")].find((dt) => dt.textContent === name)?.nextElementSibling.textContent;
    rows.push({
      id: field("Id"),
      title: detail.querySelector("h3").textContent,
      replayed: field("Came")?.startsWith("replayed") ?? false,
      body: detail.querySelector('pre[aria-label="Body"]')?.textContent,
    });
    if (rows.length === count) return rows;
    await press("ArrowUp");
  }
})()`;

/** The gateway's first page, as whoever uses it knows it: by what it says and by the names of its parts. */
export class ConsolePage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  static async open(page: Page, gatewayUrl: string): Promise<ConsolePage> {
    await page.goto(gatewayUrl);
    return new ConsolePage(page);
  }

  /** Resolves when both lines are live. */
  async live(): Promise<void> {
    await this.says("GitHub deliveries", "Live");
    await this.says("Chat", "Live");
  }

  status(panel: PanelName): Locator {
    return this.page.getByRole("status", { name: `${panel}: connection`, includeHidden: true });
  }

  /** Resolves when the panel says of its connection what it should. */
  async says(panel: PanelName, state: string): Promise<void> {
    const word = this.status(panel).locator("strong", { hasText: new RegExp(`^${state}$`) });
    await word.waitFor({ state: "attached" });
  }

  async press(words: "Cut connection" | "Restore connection" | "Try again", panel: PanelName): Promise<void> {
    await this.page.getByRole("button", { name: `${words}: ${panel}` }).click();
  }

  async counters(panel: PanelName): Promise<Counters> {
    const group = this.page.getByRole("group", { name: `${panel}: counters`, includeHidden: true });
    const [received, replayed, gaps, repeated] = (await group.locator("dd").allTextContents()).map((text) =>
      Number(text.replaceAll(/\D/g, "")),
    );
    return { received: received!, replayed: replayed!, gaps: gaps!, repeated: repeated! };
  }

  /** Resolves when the panel has received at least so many. */
  async received(panel: PanelName, count: number): Promise<void> {
    await vi.waitFor(
      async () => {
        const { received } = await this.counters(panel);
        if (received < count) throw new Error(`${panel}: received ${received} of ${count}`);
      },
      { timeout: 20_000, interval: 20 },
    );
  }

  get list(): Locator {
    return this.page.getByRole("listbox", { name: "Deliveries, newest first" });
  }

  /** Every row of the list, oldest first. Only while no more come. */
  rows(): Promise<ShownRow[]> {
    return this.page.evaluate<ShownRow[]>(READ_ROWS);
  }

  /** What the room shows, oldest first: name, text and state of each line. */
  async room(): Promise<{ name: string; text: string; state: string }[]> {
    const lines = await this.page.getByRole("log", { name: "Messages" }).getByRole("listitem").all();
    return Promise.all(
      lines.map(async (line) => {
        const [name, state] = await line.locator("span").allTextContents();
        return { name: name!, text: (await line.locator("p").textContent())!, state: state! };
      }),
    );
  }

  async say(text: string): Promise<void> {
    await this.page.getByRole("textbox", { name: "Message" }).fill(text);
    await this.page.getByRole("button", { name: "Send" }).click();
  }

  async call(name: string): Promise<void> {
    await this.page.getByRole("textbox", { name: "Your name" }).fill(name);
  }

  /** By how many CSS pixels the page is wider than its window. */
  overflow(): Promise<number> {
    return this.page.evaluate<number>("document.scrollingElement.scrollWidth - innerWidth");
  }
}
