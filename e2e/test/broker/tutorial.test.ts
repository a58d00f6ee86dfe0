import { FaultUnavailable } from "@warren/broker";
import { connect, type Client } from "@warren/client";
import type { Page } from "playwright-core";
import { describe, expect, onTestFinished, vi } from "vitest";
import { serveTutorial, type TutorialSite } from "../../tutorial/serve.ts";
import { it, type OpenWindow } from "../browser.ts";
import type { App } from "../processes.ts";

async function openSite(gateway: App): Promise<TutorialSite> {
  const site = await serveTutorial(gateway.port);
  onTestFinished(() => site.close());
  return site;
}

/** The tutorial's chat in a window of its own, past its upgrade to a WebSocket. */
async function openTutorial(site: TutorialSite, openWindow: OpenWindow): Promise<Page> {
  const page = await openWindow();
  await page.goto(site.url);
  await expect.poll(() => connected(page), { timeout: 10_000 }).toBe(true);
  const transport = () => page.evaluate<string>("socket.io.engine.transport.name");
  await expect.poll(transport, { timeout: 10_000 }).toBe("websocket");
  return page;
}

/** `socket` is the tutorial's own variable. */
const connected = (page: Page) => page.evaluate<boolean>("socket.connected");

const messages = (page: Page) => page.locator("#messages li").allTextContents();

async function say(page: Page, text: string): Promise<void> {
  await page.locator("#input").fill(text);
  await page.locator("#input").press("Enter");
}

/** Another client: publishes "0", "1", … one after the other until it is told to end, and sends again what nobody confirmed. */
class Counting {
  readonly published: string[] = [];
  readonly #client: Client;
  readonly #done: Promise<void>;
  #ended = false;

  constructor(url: string) {
    this.#client = connect(url, { topics: [], backoff: { initialMs: 50, maxMs: 500 } });
    this.#done = this.#run();
  }

  async #run(): Promise<void> {
    while (!this.#ended) {
      const text = String(this.published.length);
      await this.#client.publish("chat message", text);
      this.published.push(text);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async reached(count: number): Promise<void> {
    await vi.waitFor(
      () => {
        if (this.published.length < count) throw new Error(`${this.published.length} of ${count} are published`);
      },
      { timeout: 30_000, interval: 10 },
    );
  }

  /** Publishes no more; resolves with all that was confirmed. */
  async end(): Promise<string[]> {
    this.#ended = true;
    await this.#done;
    await this.#client.close();
    return this.published;
  }
}

describe("the chat client of Socket.IO's own tutorial, in a browser, against the namespace /", () => {
  it("sends, receives, shows what was said before it came, and goes on where it stood after its Disconnect button", async ({
    launch,
    openWindow,
  }) => {
    const gateway = await launch("gateway");
    const site = await openSite(gateway);
    const [ann, ben] = [await openTutorial(site, openWindow), await openTutorial(site, openWindow)];
    await say(ann, "one");
    await expect.poll(() => messages(ben)).toEqual(["one"]);
    await ben.getByRole("button", { name: "Disconnect" }).click();
    for (const text of ["two", "three"]) await say(ann, text);
    await expect.poll(() => messages(ann)).toEqual(["one", "two", "three"]);
    expect(await messages(ben)).toEqual(["one"]);
    await ben.getByRole("button", { name: "Connect" }).click();
    await say(ben, "four");
    const late = await openTutorial(site, openWindow);
    for (const page of [ann, ben, late])
      await expect.poll(() => messages(page), { timeout: 10_000 }).toEqual(["one", "two", "three", "four"]);
  });

  it("misses nothing and repeats nothing while the gateway is killed with SIGKILL, twice, and another client publishes", async ({
    launch,
    openWindow,
  }) => {
    const gateway = await launch("gateway");
    const site = await openSite(gateway);
    const page = await openTutorial(site, openWindow);
    const counting = new Counting(gateway.url);
    for (const after of [50, 150]) {
      await counting.reached(after);
      await gateway.stop("SIGKILL");
      await expect.poll(() => connected(page)).toBe(false);
      await gateway.start();
      // The other client is back before this one, so there is something to miss.
      await counting.reached(after + 50);
      await expect.poll(() => connected(page), { timeout: 15_000 }).toBe(true);
    }
    const published = await counting.end();
    await expect.poll(() => messages(page), { timeout: 15_000 }).toEqual(published);
  });

  it("misses nothing and repeats nothing while the broker is stopped and started, and says what it has to say through it", async ({
    launch,
    openWindow,
    broker,
    skip,
  }) => {
    const gateway = await launch("gateway");
    const site = await openSite(gateway);
    const page = await openTutorial(site, openWindow);
    const counting = new Counting(gateway.url);
    await counting.reached(50);
    try {
      await broker.faults.stop();
    } catch (error) {
      await counting.end();
      if (error instanceof FaultUnavailable) return skip(error.message);
      throw error;
    }
    const own = ["said without a broker", "said after it"];
    for (const text of own) await say(page, text);
    await broker.faults.start();
    const before = counting.published.length;
    await counting.reached(before + 50);
    const published = await counting.end();
    const shown = async () => (await messages(page)).filter((text) => !own.includes(text));
    await expect.poll(shown, { timeout: 20_000 }).toEqual(published);
    const shownOwn = async () => (await messages(page)).filter((text) => own.includes(text));
    await expect.poll(shownOwn, { timeout: 20_000 }).toEqual(own);
  });

  it("what it says while the gateway dies and while it is gone arrives exactly once, in order, when it is back", async ({
    launch,
    openWindow,
  }) => {
    const gateway = await launch("gateway");
    const site = await openSite(gateway);
    const [ann, ben] = [await openTutorial(site, openWindow), await openTutorial(site, openWindow)];
    const texts = Array.from({ length: 40 }, (_, index) => `message ${index}`);
    const killed = (async () => {
      await expect.poll(async () => (await messages(ben)).length, { interval: 10 }).toBeGreaterThan(5);
      await gateway.stop("SIGKILL");
    })();
    // Half of them go out as the gateway dies: of one nobody can say whether it was taken, and it is sent again.
    for (const text of texts.slice(0, 20)) await say(ann, text);
    await killed;
    await expect.poll(() => connected(ann)).toBe(false);
    for (const text of texts.slice(20)) await say(ann, text);
    await gateway.start();
    for (const page of [ann, ben]) await expect.poll(() => messages(page), { timeout: 30_000 }).toEqual(texts);
  });

  it("a message that was published, and whose answer was lost with the gateway, is sent again and shown once", async ({
    launch,
    openWindow,
  }) => {
    const gateway = await launch("gateway");
    const [site, other] = [await openSite(gateway), await openSite(gateway)];
    const [ann, ben] = [await openTutorial(site, openWindow), await openTutorial(other, openWindow)];
    await say(ann, "one");
    await expect.poll(() => messages(ann)).toEqual(["one"]);
    site.loseAnswers();
    await say(ann, "two");
    await expect.poll(() => messages(ben)).toEqual(["one", "two"]);
    expect(await messages(ann)).toEqual(["one"]);
    await gateway.stop("SIGKILL");
    await gateway.start();
    await expect.poll(() => connected(ann), { timeout: 15_000 }).toBe(true);
    // Its messages go out one after the other, so once this is shown, the one before it has been sent again.
    await say(ann, "three");
    for (const page of [ann, ben])
      await expect.poll(() => messages(page), { timeout: 15_000 }).toEqual(["one", "two", "three"]);
    const late = await openTutorial(site, openWindow);
    await expect.poll(() => messages(late)).toEqual(["one", "two", "three"]);
  });
});
