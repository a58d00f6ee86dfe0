const MAX_LINES = 500;

/** What befell one client, the newest lines of it: the evidence when something is missing. */
export class History {
  readonly #nowMs: () => number;
  #lines: string[] = [];
  #last: string | undefined;
  #events = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  note(line: string): void {
    this.#flush();
    this.#add(line);
  }

  /** Events are noted as stretches: the first and the last of each. */
  event(position: string): void {
    if (this.#events === 0) this.#add(`first event ${position}`);
    this.#events++;
    this.#last = position;
  }

  get lines(): readonly string[] {
    this.#flush();
    return this.#lines;
  }

  #flush(): void {
    if (this.#events > 1) this.#add(`last event ${this.#last}, ${this.#events} in a row`);
    this.#events = 0;
  }

  #add(line: string): void {
    this.#lines.push(`${Math.round(this.#nowMs())} ms  ${line}`);
    if (this.#lines.length > MAX_LINES * 2) this.#lines = this.#lines.slice(-MAX_LINES);
  }
}
