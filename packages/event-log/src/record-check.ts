import { crc32 } from "node:zlib";

/**
 * The check of a record: CRC-32 (ISO 3309) over topic, id, time and body, as 8 hex digits. It tells one record from
 * another that stands at the same offset of another log; it is no defence against somebody who wants a collision.
 */
export function recordCheck(record: {
  topic: string;
  id: string | undefined;
  time: number | undefined;
  body: Buffer;
}): string {
  const head = crc32(`${record.topic}\0${record.id ?? ""}\0${record.time ?? ""}\0`);
  return crc32(record.body, head).toString(16).padStart(8, "0");
}
