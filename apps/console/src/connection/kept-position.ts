import type { PositionString } from "@warren/events";

/** One position, kept in the browser under one key. Where storage is blocked it throws, and the client reports that. */
export class KeptPosition {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  readonly load = (): PositionString | undefined => localStorage.getItem(this.#key) ?? undefined;

  readonly save = (_key: string, position: PositionString): void => localStorage.setItem(this.#key, position);

  forget(): void {
    try {
      localStorage.removeItem(this.#key);
    } catch {
      // Storage is blocked: nothing was kept either.
    }
  }
}
