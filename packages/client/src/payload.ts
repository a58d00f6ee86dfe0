/** What a publish holds on to: a copy, so that what is sent again is what was published. */
export interface Payload {
  readonly data: unknown;
  /** Unit: bytes; for anything but binary data, characters of its JSON. */
  readonly bytes: number;
}

/** Copies data as it will travel: binary as it is, everything else as JSON. Throws what `JSON.stringify` throws. */
export function copyPayload(data: unknown): Payload {
  if (ArrayBuffer.isView(data)) {
    return { data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice(), bytes: data.byteLength };
  }
  if (data instanceof ArrayBuffer) return { data: data.slice(0), bytes: data.byteLength };
  if (typeof Blob === "function" && data instanceof Blob) return { data, bytes: data.size };
  const json = JSON.stringify(data) ?? "null";
  return { data: JSON.parse(json), bytes: json.length };
}
