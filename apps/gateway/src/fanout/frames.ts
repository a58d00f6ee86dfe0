import type { EncodedEvent } from "./packet.ts";

const TEXT = 0x81;
const BINARY = 0x82;

/**
 * Encodes events as the WebSocket frames that engine.io would send for them, all in one buffer: unmasked, final,
 * uncompressed (RFC 6455, section 5.2). Text packets are engine.io messages, type "4"; attachments travel bare.
 */
export function frameEvents(events: readonly EncodedEvent[]): Buffer {
  let size = 0;
  const parts: { packet: string | Buffer; length: number }[] = [];
  for (const { packets } of events) {
    for (const packet of packets) {
      const length = typeof packet === "string" ? 1 + Buffer.byteLength(packet) : packet.length;
      parts.push({ packet, length });
      size += headerSize(length) + length;
    }
  }
  const frames = Buffer.allocUnsafe(size);
  let at = 0;
  for (const { packet, length } of parts) {
    at = writeHeader(frames, at, typeof packet === "string" ? TEXT : BINARY, length);
    if (typeof packet === "string") {
      frames[at] = 0x34;
      frames.write(packet, at + 1);
    } else {
      packet.copy(frames, at);
    }
    at += length;
  }
  return frames;
}

function headerSize(length: number): number {
  return length < 126 ? 2 : length < 0x1_0000 ? 4 : 10;
}

function writeHeader(frames: Buffer, at: number, first: number, length: number): number {
  frames[at] = first;
  if (length < 126) {
    frames[at + 1] = length;
    return at + 2;
  }
  if (length < 0x1_0000) {
    frames[at + 1] = 126;
    return frames.writeUInt16BE(length, at + 2);
  }
  frames[at + 1] = 127;
  frames.writeUInt32BE(Math.floor(length / 2 ** 32), at + 2);
  return frames.writeUInt32BE(length % 2 ** 32, at + 6);
}
