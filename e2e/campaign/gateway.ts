import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);
const GATEWAY = fileURLToPath(new URL("apps/gateway/src/main.ts", root));
const SABOTAGED = fileURLToPath(new URL("sabotaged-gateway.ts", import.meta.url));
const START_TIMEOUT_MS = 60_000;
const DRAIN_TIMEOUT_MS = 15_000;

export interface GatewayOptions {
  readonly name: string;
  readonly port: number;
  readonly amqpUrl: string;
  readonly configFile: string;
  /** Its output goes here. */
  readonly logFile: string;
  readonly sabotage: string | undefined;
  /** Told when the process ends without having been told to. */
  readonly died: (code: number | null) => void;
}

/** One gateway process, which can be killed, frozen and started again. */
export class GatewayProcess {
  readonly name: string;
  readonly port: number;
  readonly #options: GatewayOptions;
  readonly #log: WriteStream;
  #child: ChildProcess | undefined;
  #expectsEnd = false;

  constructor(options: GatewayOptions) {
    this.name = options.name;
    this.port = options.port;
    this.#options = options;
    this.#log = createWriteStream(options.logFile);
  }

  get running(): boolean {
    return this.#child !== undefined;
  }

  start(): void {
    if (this.#child !== undefined) return;
    const { amqpUrl, configFile, sabotage, port } = this.#options;
    const entry = sabotage === undefined ? [GATEWAY] : [SABOTAGED, sabotage];
    const child = spawn(process.execPath, ["--conditions=@warren/source", ...entry], {
      env: {
        ...process.env,
        AMQP_URL: amqpUrl,
        GATEWAY_HOST: "127.0.0.1",
        GATEWAY_PORT: String(port),
        GATEWAY_PAGE_DIR: "none",
        WARREN_CONFIG: configFile,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.pipe(this.#log, { end: false });
    child.stderr.pipe(this.#log, { end: false });
    child.once("exit", (code) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      if (!this.#expectsEnd) this.#options.died(code);
    });
    this.#child = child;
    this.#expectsEnd = false;
  }

  /** Resolves when it says that it is ready. */
  async ready(): Promise<void> {
    const untilMs = performance.now() + START_TIMEOUT_MS;
    while (performance.now() < untilMs) {
      const answer = await fetch(`http://127.0.0.1:${this.port}/readyz`).catch(() => undefined);
      await answer?.arrayBuffer();
      if (answer?.ok === true) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${this.name} was not ready within ${START_TIMEOUT_MS} ms; see ${this.#options.logFile}`);
  }

  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child?.kill("SIGCONT");
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Lets it drain; one that takes too long is killed. */
  async drain(): Promise<void> {
    const late = setTimeout(() => this.#child?.kill("SIGKILL"), DRAIN_TIMEOUT_MS);
    await this.#end("SIGTERM");
    clearTimeout(late);
  }

  async close(): Promise<void> {
    this.thaw();
    await this.drain();
    this.#log.end();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#expectsEnd = true;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
}
