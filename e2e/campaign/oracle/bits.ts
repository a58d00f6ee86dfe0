/** A growing set of small whole numbers: one bit each. */
export class Bits {
  #bytes = new Uint8Array(1_024);

  has(number: number): boolean {
    return ((this.#bytes[number >>> 3] ?? 0) & (1 << (number & 7))) !== 0;
  }

  delete(number: number): void {
    const at = number >>> 3;
    if (at < this.#bytes.length) this.#bytes[at]! &= ~(1 << (number & 7));
  }

  /** Returns whether it was new. */
  add(number: number): boolean {
    const at = number >>> 3;
    if (at >= this.#bytes.length) {
      const grown = new Uint8Array(Math.max(at + 1, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    const byte = this.#bytes[at]!;
    const bit = 1 << (number & 7);
    if ((byte & bit) !== 0) return false;
    this.#bytes[at] = byte | bit;
    return true;
  }
}

/** A growing column of 32-bit whole numbers; what was never set is 0. */
export class Column {
  #values = new Uint32Array(4_096);

  get(index: number): number {
    return this.#values[index] ?? 0;
  }

  set(index: number, value: number): void {
    if (index >= this.#values.length) {
      const grown = new Uint32Array(Math.max(index + 1, this.#values.length * 2));
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[index] = value;
  }
}
