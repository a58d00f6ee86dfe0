/** One timer for many deadlines: it goes off at the earliest that was asked for, and is then asked again. */
export class DeadlineTimer {
  readonly #onDue: () => void;
  #timer: NodeJS.Timeout | undefined;
  #due = Number.POSITIVE_INFINITY;

  constructor(onDue: () => void) {
    this.#onDue = onDue;
  }

  /** Goes off at `due` at the latest. Unit: milliseconds on the monotonic clock. */
  arm(due: number): void {
    if (due >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    const waitMs = Math.max(TICK_MS, Math.ceil(due - performance.now()));
    this.#timer = setTimeout(() => {
      this.#due = Number.POSITIVE_INFINITY;
      this.#onDue();
    }, waitMs);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#due = Number.POSITIVE_INFINITY;
  }
}

/** Unit: milliseconds. The least between two looks for what is overdue. */
const TICK_MS = 10;
