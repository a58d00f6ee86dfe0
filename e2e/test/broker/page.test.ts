import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished } from "vitest";
import { it } from "../browser.ts";
import { ConsolePage, type ShownRow } from "../console-page.ts";
import { deliveries, post, type Delivery } from "../deliveries.ts";

/** Posts the example deliveries, each once, in order. */
class Posting {
  readonly accepted: Delivery[] = [];
  readonly #producerUrl: string;

  constructor(producerUrl: string) {
    this.#producerUrl = producerUrl;
  }

  /** Posts the next `count`, one after the other; resolves when all are accepted. */
  async next(count: number): Promise<void> {
    for (const delivery of deliveries.slice(this.accepted.length, this.accepted.length + count)) {
      const status = await post(this.#producerUrl, delivery);
      if (status !== 202) throw new Error(`${delivery.id} was answered with ${status}`);
      this.accepted.push(delivery);
    }
  }
}

/** A folder for screenshots of what is checked, for whoever wants to look at it too. */
const SCREENSHOTS = process.env["WARREN_SCREENSHOTS"];

/** The rows that are deliveries: not the marks between them. */
const shownDeliveries = (rows: readonly ShownRow[]) => rows.filter(({ id }) => id !== undefined);

/** Nothing missed, nothing repeated, order kept, byte for byte: the page shows exactly what the producer accepted. */
function expectExactly(rows: readonly ShownRow[], accepted: readonly Delivery[]): void {
  const shown = shownDeliveries(rows);
  expect(shown.map(({ id }) => id)).toEqual(accepted.map(({ id }) => id));
  expect(shown.map(({ body }) => JSON.stringify(JSON.parse(body!)))).toEqual(accepted.map(({ body }) => body));
}

describe("the gateway's page, in a browser: GitHub deliveries", () => {
  it("all 329 examples appear in the order they were published, each chosen one with its body byte for byte", async ({
    launch,
    openWindow,
  }) => {
    const [gateway, producer] = await Promise.all([launch("gateway"), launch("producer")]);
    const warren = await ConsolePage.open(await openWindow(), gateway.url);
    await warren.live();
    await new Posting(producer.url).next(329);
    await warren.received("GitHub deliveries", 329);
    expect(await warren.counters("GitHub deliveries")).toEqual({ received: 329, replayed: 0, gaps: 0, repeated: 0 });
    const rows = await warren.rows();
    expect(rows.length).toBe(329);
    expectExactly(rows, deliveries);
  });

  it("what was published while its button held the connection cut arrives when it is restored, marked as replayed", async ({
    launch,
    openWindow,
  }) => {
    const [gateway, producer] = await Promise.all([launch("gateway"), launch("producer")]);
    const warren = await ConsolePage.open(await openWindow(), gateway.url);
    await warren.live();
    const posting = new Posting(producer.url);
    for (const after of [20, 140]) {
      const before = posting.next(50);
      await warren.received("GitHub deliveries", after);
      await warren.press("Cut connection", "GitHub deliveries");
      await warren.says("GitHub deliveries", "Cut");
      await before;
      await posting.next(40);
      const during = posting.next(30);
      await warren.press("Restore connection", "GitHub deliveries");
      await during;
      await warren.says("GitHub deliveries", "Live");
    }
    await warren.received("GitHub deliveries", 240);
    const counters = await warren.counters("GitHub deliveries");
    expect(counters).toMatchObject({ received: 240, gaps: 0, repeated: 0 });
    expect(counters.replayed).toBeGreaterThanOrEqual(80);
    expect(counters.replayed).toBeLessThan(counters.received);
    const rows = await warren.rows();
    expectExactly(rows, posting.accepted);
    expect(rows.filter(({ replayed }) => replayed).length).toBe(counters.replayed);
    expect(rows.filter(({ title }) => title === "You cut the connection").length).toBe(2);
  });

  it("a gateway killed with SIGKILL and started again costs nothing: the page says so quietly and keeps its rows meanwhile", async ({
    launch,
    openWindow,
  }) => {
    const [gateway, producer] = await Promise.all([launch("gateway"), launch("producer")]);
    const warren = await ConsolePage.open(await openWindow(), gateway.url);
    await warren.live();
    const posting = new Posting(producer.url);
    for (const after of [20, 140]) {
      const before = posting.next(50);
      await warren.received("GitHub deliveries", after);
      await gateway.stop("SIGKILL");
      await warren.says("GitHub deliveries", "Disconnected");
      await warren.says("Chat", "Disconnected");
      expect(await warren.status("GitHub deliveries").textContent()).toContain("trying again");
      await before;
      await posting.next(40);
      expect(await warren.list.isVisible()).toBe(true);
      expect(await warren.list.getByRole("option").count()).toBeGreaterThan(5);
      const during = posting.next(30);
      await gateway.start();
      await during;
      await warren.live();
    }
    await warren.received("GitHub deliveries", 240);
    const counters = await warren.counters("GitHub deliveries");
    expect(counters).toMatchObject({ received: 240, gaps: 0, repeated: 0 });
    expect(counters.replayed).toBeGreaterThanOrEqual(80);
    expectExactly(await warren.rows(), posting.accepted);
  });

  it("a page that was closed, and one that is loaded again, go on where they stood", async ({ launch, openWindow }) => {
    const [gateway, producer] = await Promise.all([launch("gateway"), launch("producer")]);
    const page = await openWindow();
    const warren = await ConsolePage.open(page, gateway.url);
    await warren.live();
    const posting = new Posting(producer.url);
    const before = posting.next(80);
    await warren.received("GitHub deliveries", 30);
    // Cut, so that what this page showed before it was loaded again is known to the last row.
    await warren.press("Cut connection", "GitHub deliveries");
    await warren.says("GitHub deliveries", "Cut");
    await before;
    const seen = await warren.rows();
    const during = posting.next(40);
    await page.reload();
    await warren.live();
    await during;
    await warren.received("GitHub deliveries", 120 - shownDeliveries(seen).length);
    expectExactly([...seen, ...(await warren.rows())], posting.accepted);

    await page.goto("about:blank");
    await posting.next(50);
    await page.goto(gateway.url);
    await warren.live();
    await warren.received("GitHub deliveries", 50);
    expect(await warren.counters("GitHub deliveries")).toEqual({ received: 50, replayed: 50, gaps: 0, repeated: 0 });
    expectExactly(await warren.rows(), posting.accepted.slice(-50));
  });
});

describe("the gateway's page, in a browser: chat", () => {
  it("what one says is confirmed to them and heard by the other, also through a cut and by one who joins later", async ({
    launch,
    openWindow,
  }) => {
    const gateway = await launch("gateway");
    const [ann, ben] = [
      await ConsolePage.open(await openWindow(), gateway.url),
      await ConsolePage.open(await openWindow(), gateway.url),
    ];
    await Promise.all([ann.live(), ben.live()]);
    await ann.call("Ann");
    await ben.call("Ben");
    await ann.say("one");
    await expect.poll(() => ben.room()).toEqual([{ name: "Ann", text: "one", state: "" }]);
    await ben.press("Cut connection", "Chat");
    await ben.says("Chat", "Cut");
    await ann.say("two");
    await expect.poll(async () => (await ann.room()).map(({ state }) => state)).toEqual(["confirmed", "confirmed"]);
    await ben.say("three");
    expect((await ben.room()).at(-1)).toEqual({ name: "Ben", text: "three", state: "sending" });
    await ben.press("Restore connection", "Chat");
    const all = ["Ann: one", "Ann: two", "Ben: three"];
    const late = await ConsolePage.open(await openWindow(), gateway.url);
    for (const window of [ann, ben, late]) {
      await expect.poll(async () => (await window.room()).map(({ name, text }) => `${name}: ${text}`)).toEqual(all);
      expect(await window.counters("Chat")).toMatchObject({ received: 3, gaps: 0, repeated: 0 });
    }
    await expect.poll(async () => (await ben.room()).at(-1)!.state).toBe("confirmed");
    expect((await late.room()).map(({ state }) => state)).toEqual(["", "", ""]);
  });

  it("what is said while the gateway is killed stays sending, and is heard once when it is back", async ({
    launch,
    openWindow,
  }) => {
    const gateway = await launch("gateway");
    const [ann, ben] = [
      await ConsolePage.open(await openWindow(), gateway.url),
      await ConsolePage.open(await openWindow(), gateway.url),
    ];
    await Promise.all([ann.live(), ben.live()]);
    // The first ten go out as the gateway dies: of some nobody can say whether they were taken.
    const texts = Array.from({ length: 20 }, (_, index) => `message ${index}`);
    const killed = (async () => {
      await ben.received("Chat", 2);
      await gateway.stop("SIGKILL");
    })();
    for (const text of texts.slice(0, 10)) await ann.say(text);
    await killed;
    await ann.says("Chat", "Disconnected");
    for (const text of texts.slice(10)) await ann.say(text);
    expect((await ann.room()).slice(-10).map(({ state }) => state)).toEqual(Array(10).fill("sending"));
    await gateway.start();
    for (const window of [ann, ben])
      await expect.poll(async () => (await window.room()).map(({ text }) => text), { timeout: 20_000 }).toEqual(texts);
    await expect
      .poll(async () => (await ann.room()).filter(({ state }) => state === "confirmed").length)
      .toBe(texts.length);
    for (const window of [ann, ben])
      expect(await window.counters("Chat")).toMatchObject({ received: 20, gaps: 0, repeated: 0 });
  });
});

describe("the gateway's page, in a browser: how it stands", () => {
  it("a namespace that the gateway does not have is refused in words, with what to do about it", async ({
    launch,
    openWindow,
  }) => {
    const folder = await mkdtemp(join(tmpdir(), "warren-page-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const config = join(folder, "gateway.yaml");
    await writeFile(config, "namespaces:\n  /chat:\n    exchange: chat\n    log: {}\n    anonymous: true\n");
    const gateway = await launch("gateway", { WARREN_CONFIG: config });
    const warren = await ConsolePage.open(await openWindow(), gateway.url);
    await warren.says("GitHub deliveries", "Refused");
    await warren.says("Chat", "Live");
    expect(await warren.status("GitHub deliveries").textContent()).toContain("gateway.yaml");
    expect(await warren.page.getByText("The gateway refused this page").isVisible()).toBe(true);
    await warren.press("Try again", "GitHub deliveries");
    await warren.says("GitHub deliveries", "Refused");
  });

  it("a gateway that is gone before the page could connect is said in words, and found when it comes", async ({
    launch,
    openWindow,
  }) => {
    const gateway = await launch("gateway");
    const page = await openWindow();
    await page.route("**/assets/*.js", async (route) => {
      const answer = await route.fetch();
      const body = await answer.body();
      await gateway.stop("SIGKILL");
      await route.fulfill({ response: answer, body });
    });
    const warren = await ConsolePage.open(page, gateway.url);
    await warren.says("GitHub deliveries", "Connecting");
    const words = page.getByRole("region", { name: "GitHub deliveries" }).getByText("Check that the gateway runs");
    await expect.poll(() => words.first().isVisible(), { timeout: 15_000 }).toBe(true);
    await gateway.start();
    await warren.live();
  });

  it("it fits its window from 360 to 2560 pixels, light and dark, with rows, a chosen one, and every state of a line", async ({
    launch,
    openWindow,
  }) => {
    const [gateway, producer] = await Promise.all([launch("gateway"), launch("producer")]);
    const page = await openWindow();
    const warren = await ConsolePage.open(page, gateway.url);
    await warren.live();
    await warren.call("A name as long as a name can be, or so it");
    await warren.say(`${"wordswithoutspaces".repeat(20)} and words with spaces`);
    await new Posting(producer.url).next(60);
    await warren.received("GitHub deliveries", 60);
    const grounds = new Set<string>();
    const tooWide: string[] = [];
    const look = async (what: string) => {
      const overflow = await warren.overflow();
      if (overflow > 0) tooWide.push(`${what}: ${overflow} px too wide`);
      if (SCREENSHOTS !== undefined) await page.screenshot({ path: join(SCREENSHOTS, `${what}.png`) });
    };
    const panels = page.getByRole("radiogroup", { name: "Panel" });
    for (const state of ["Live", "Cut"]) {
      if (state === "Cut") await warren.press("Cut connection", "GitHub deliveries");
      await warren.says("GitHub deliveries", state);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
        grounds.add(await page.evaluate<string>("getComputedStyle(document.body).backgroundColor"));
        for (const width of [360, 768, 1280, 2560]) {
          await page.setViewportSize({ width, height: 800 });
          const what = `${width} ${colorScheme} ${state}`;
          const oneAtATime = width < 960;
          await panels.waitFor({ state: oneAtATime ? "visible" : "detached" });
          await warren.list.getByRole("option").nth(1).click();
          await page.getByRole("region", { name: "Chosen row" }).waitFor();
          await look(what);
          if (!oneAtATime) continue;
          await panels.getByText("Chat").click();
          await page.getByRole("log", { name: "Messages" }).waitFor();
          await look(`${what} chat`);
          await panels.getByText("Deliveries").click();
        }
      }
    }
    expect(tooWide).toEqual([]);
    expect(grounds.size).toBe(2);
  });
});
