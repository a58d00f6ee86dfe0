import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

export interface Line {
  /** From 1. */
  number: number;
  /** Without its line end; undefined for a line over the limit. */
  bytes: Buffer | undefined;
}

/** Unit: bytes. A longer line cannot become a message that every broker takes. */
export const MAX_LINE_BYTES = 16 * 1_048_576;

const NEWLINE = 0x0a;

/** The lines of a file, one at a time: at most one line and one read are in memory. Empty lines are counted, not yielded. */
export async function* readLines(path: string, maxBytes: number = MAX_LINE_BYTES): AsyncGenerator<Line> {
  let number = 1;
  let parts: Buffer[] = [];
  let length = 0;
  const take = (part: Buffer): void => {
    length += part.length;
    if (length <= maxBytes) parts.push(part);
    else parts = [];
  };
  const end = (): Line | undefined => {
    const bytes = length <= maxBytes ? trimmed(Buffer.concat(parts)) : undefined;
    parts = [];
    length = 0;
    const line = { number: number++, bytes };
    return bytes?.length === 0 ? undefined : line;
  };

  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      take(chunk.subarray(from, at));
      const line = end();
      if (line !== undefined) yield line;
      from = at + 1;
    }
    take(chunk.subarray(from));
  }
  const last = end();
  if (last !== undefined) yield last;
}

/** A first pass over the file: how many lines it has, and what names its content. */
export async function surveyFile(path: string): Promise<{ lines: number; fingerprint: string }> {
  const hash = createHash("sha256");
  let lines = 0;
  let last = NEWLINE;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines++;
    last = chunk[chunk.length - 1]!;
  }
  return { lines: last === NEWLINE ? lines : lines + 1, fingerprint: hash.digest("hex").slice(0, 16) };
}

function trimmed(bytes: Buffer): Buffer {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d) ? Buffer.alloc(0) : bytes;
}
