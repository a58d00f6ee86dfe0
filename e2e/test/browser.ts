import { existsSync } from "node:fs";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { it as processIt } from "./it.ts";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

const args = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What the browser itself writes to its console while a gateway is gone, is just going, or does not take anyone yet. */
const GONE = /net::ERR_CONNECTION_(REFUSED|RESET)|\b50[23]\b|Connection closed before receiving a handshake response/;

/** One window of a browser that knows nothing yet: its own storage, its own connections. */
export type OpenWindow = (options?: BrowserContextOptions) => Promise<Page>;

/** As the processes' `it`, with a real browser. A test fails when a page of it complains of anything but a gateway that is gone. */
export const it = processIt.extend<{ browser: Browser; openWindow: OpenWindow }>({
  browser: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const browser = await startBrowser();
      await use(browser);
      await browser.close();
    },
    { scope: "worker" },
  ],
  openWindow: async ({ browser }, use) => {
    const complaints: string[] = [];
    const windows: Page[] = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
      context.setDefaultTimeout(20_000);
      const page = await context.newPage();
      windows.push(page);
      page.on("pageerror", (error) => complaints.push(error.stack ?? error.message));
      page.on("console", (message) => {
        const said = `${message.type()}: ${message.text()}`;
        if (["error", "warning"].includes(message.type()) && !GONE.test(said)) complaints.push(said);
      });
      return page;
    });
    await Promise.all(windows.map((page) => page.context().close()));
    if (complaints.length > 0) throw new Error(`a page complained:\n${complaints.join("\n")}`);
  },
});

function startBrowser(): Promise<Browser> {
  if (!existsSync(executablePath))
    throw new Error(
      `There is no browser at ${executablePath}: run \`apt-get install chromium\`, or set CHROMIUM_PATH to a Chromium.`,
    );
  return chromium.launch({ executablePath, args });
}
