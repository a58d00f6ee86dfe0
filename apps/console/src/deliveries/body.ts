/** The body of one event as the page holds it: compact text, because ten thousand parsed payloads would not fit. */
export interface Body {
  readonly kind: "json" | "text" | "bytes";
  /** JSON without white space, the text itself, or the first bytes in hexadecimal. */
  readonly text: string;
  /** Unit: bytes for `bytes`, else characters. */
  readonly size: number;
}

const SHOWN_BYTES = 4096;

export function bodyOf(data: unknown): Body {
  const bytes = bytesOf(data);
  if (bytes !== undefined) return { kind: "bytes", text: hex(bytes.subarray(0, SHOWN_BYTES)), size: bytes.byteLength };
  if (typeof data === "string") return { kind: "text", text: data, size: data.length };
  // JSON has no word for undefined; an event without data reads as null.
  const text = JSON.stringify(data) ?? "null";
  return { kind: "json", text, size: text.length };
}

/** The body as a reader wants it: JSON with two spaces of indent, bytes sixteen to a line. */
export function prettyBody(body: Body): string {
  if (body.kind === "json") return JSON.stringify(JSON.parse(body.text), undefined, 2);
  if (body.kind === "text") return body.text;
  const lines = body.text.match(/.{1,32}/g) ?? [];
  const shown = lines.map((line) => line.replaceAll(/(..)(?!$)/g, "$1 ")).join("\n");
  const hidden = body.size - body.text.length / 2;
  return hidden > 0 ? `${shown}\n… ${hidden} bytes more` : shown;
}

function bytesOf(data: unknown): Uint8Array | undefined {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return undefined;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
