import { reason, WarrenError } from "./errors.ts";

/** Functions that are told something, in the order in which they were added. */
export class Listeners<Args extends readonly unknown[]> {
  readonly #listeners = new Set<{ readonly call: (...args: Args) => unknown }>();
  readonly #failed: (error: WarrenError) => void;

  /** @param failed told of a listener that throws, or whose promise rejects; the others are still called */
  constructor(failed: (error: WarrenError) => void) {
    this.#failed = failed;
  }

  get size(): number {
    return this.#listeners.size;
  }

  /** Returns the listener's removal. */
  add(call: (...args: Args) => unknown): () => void {
    const entry = { call };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  tell(...args: Args): void {
    // A copy: a listener that is added by another one hears the next time.
    for (const { call } of Array.from(this.#listeners)) {
      try {
        const result = call(...args);
        if (result instanceof Promise) result.catch((error: unknown) => this.#failed(listenerFailed(error)));
      } catch (error) {
        this.#failed(listenerFailed(error));
      }
    }
  }
}

function listenerFailed(cause: unknown): WarrenError {
  const message = `A listener threw: ${reason(cause)}`;
  return new WarrenError({ code: "LISTENER_FAILED", message, retryable: false }, cause);
}
