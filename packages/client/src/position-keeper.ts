import { parsePosition, type PositionString } from "@warren/events";

import { reason, WarrenError } from "./errors.ts";
import type { PositionStore } from "./position-store.ts";

/** How long one load or save may take before it counts as failed. Unit: milliseconds. */
const STORE_TIMEOUT_MS = 5_000;

interface KeeperOptions {
  readonly store: PositionStore;
  readonly key: string;
  readonly saveIntervalMs: number;
  readonly report: (error: WarrenError) => void;
}

/** Writes the newest position to a store: at most one write per interval, one at a time, the last one always. */
export class PositionKeeper {
  readonly #options: KeeperOptions;
  #position: PositionString | undefined;
  #saved: PositionString | undefined;
  #writing: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** The newest position there is to keep. */
  get position(): PositionString | undefined {
    return this.#position;
  }

  /** What an earlier run kept, if it can be had. */
  async load(): Promise<PositionString | undefined> {
    const { store, key } = this.#options;
    try {
      const kept = await inTime(Promise.resolve(store.load(key)));
      if (kept === undefined) return undefined;
      if (typeof kept !== "string" || parsePosition(kept) === undefined) {
        throw new TypeError(`"${kept}" is no position`);
      }
      this.#position ??= kept;
      this.#saved = kept;
      return kept;
    } catch (error) {
      this.#failed(`The position kept under "${key}" cannot be read`, error);
      return undefined;
    }
  }

  keep(position: PositionString | undefined): void {
    if (position === undefined || position === this.#position) return;
    this.#position = position;
    this.#timer ??= setTimeout(() => void this.flush(), this.#options.saveIntervalMs);
  }

  /** Writes now what is not written yet: synchronously where the store is. Never rejects. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing !== undefined) return this.#writing.then(() => this.flush());
    const { store, key } = this.#options;
    const position = this.#position;
    if (position === undefined || position === this.#saved) return Promise.resolve();
    this.#saved = position;
    try {
      const written = store.save(key, position);
      if (!(written instanceof Promise)) return Promise.resolve();
      this.#writing = inTime(written)
        .catch((error: unknown) => this.#failed(`The position cannot be saved under "${key}"`, error))
        .finally(() => (this.#writing = undefined));
      return this.#writing;
    } catch (error) {
      this.#failed(`The position cannot be saved under "${key}"`, error);
      return Promise.resolve();
    }
  }

  #failed(what: string, cause: unknown): void {
    this.#saved = undefined;
    const message = `${what}: ${reason(cause)}`;
    this.#options.report(new WarrenError({ code: "STORE_FAILED", message, retryable: true }, cause));
  }
}

function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${STORE_TIMEOUT_MS} ms`)), STORE_TIMEOUT_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
