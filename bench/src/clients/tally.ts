/** What came of the events that clients were to receive. */
export interface Tally {
  readonly expected: number;
  readonly received: number;
  /** Never came. */
  readonly lost: number;
  /** Came again. */
  readonly repeated: number;
  /** Came after a later one. */
  readonly misordered: number;
  /** Were another topic's. */
  readonly strayed: number;
  /** Connections that the server said could not go on where the client was. */
  readonly unrecovered: number;
}

/** Which events of one topic one client has received. */
export class Received {
  readonly #seen: Uint8Array;
  #highest = 0;
  #unique = 0;
  repeated = 0;
  misordered = 0;
  strayed = 0;

  /** @param capacity highest number that will come */
  constructor(capacity: number) {
    this.#seen = new Uint8Array(capacity + 1);
  }

  get unique(): number {
    return this.#unique;
  }

  note(number: number): void {
    if (this.#seen[number] === 1) {
      this.repeated++;
      return;
    }
    this.#seen[number] = 1;
    this.#unique++;
    if (number > this.#highest) this.#highest = number;
    else this.misordered++;
  }

  /** How many of the first `target` are missing. */
  missing(target: number): number {
    let missing = 0;
    for (let number = 1; number <= target; number++) if (this.#seen[number] !== 1) missing++;
    return missing;
  }
}
