import { connect } from "node:net";

export interface BrokerWatchOptions {
  /** Where the broker listens. */
  readonly host: string;
  readonly port: number;
  /** Starts it again; resolves when it answers. */
  start(): Promise<void>;
  say(line: string): void;
  /** Unit: milliseconds, between two looks. @default 1_000 */
  readonly intervalMs?: number;
  /** Unit: milliseconds, until the next try after a start that failed. @default 5_000 */
  readonly retryMs?: number;
}

const defaults = { intervalMs: 1_000, retryMs: 5_000 } satisfies Partial<BrokerWatchOptions>;

/** Unit: milliseconds. */
const CONNECT_TIMEOUT_MS = 2_000;

/**
 * Keeps a broker of our own running: when nobody listens on its port any more, it is started again. One that is only slow,
 * or frozen, still listens.
 */
export function watchBroker(options: BrokerWatchOptions): { close(): void } {
  const settings = { ...defaults, ...options };
  let closed = false;
  let timer = setTimeout(() => void look(), settings.intervalMs);

  async function look(): Promise<void> {
    const gone = await isRefused(settings.host, settings.port);
    if (closed) return;
    const nextMs = gone ? await restart() : settings.intervalMs;
    if (!closed) timer = setTimeout(() => void look(), nextMs);
  }

  async function restart(): Promise<number> {
    settings.say("ended; starting it again");
    try {
      await settings.start();
      if (!closed) settings.say("runs again");
      return settings.intervalMs;
    } catch (error) {
      if (!closed) settings.say(`could not be started: ${error instanceof Error ? error.message : String(error)}`);
      return settings.retryMs;
    }
  }

  return {
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

/** Whether nobody listens there. */
function isRefused(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host, port, timeout: CONNECT_TIMEOUT_MS });
  const answer = (refused: boolean) => {
    socket.destroy();
    resolve(refused);
  };
  socket.once("connect", () => answer(false));
  socket.once("timeout", () => answer(false));
  socket.once("error", (error) => answer("code" in error && error.code === "ECONNREFUSED"));
  return promise;
}
