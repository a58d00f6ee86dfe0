import type { LoggedEvent } from "../log/logged-event.ts";

/**
 * One event as Socket.IO packets for the clients of one namespace: the text packet and, for binary data, its attachment.
 * Equal for every client of an audience, so it is made once for all of them.
 */
export interface EncodedEvent {
  readonly packets: readonly (string | Buffer)[];
  /** Unit: bytes on the wire, roughly: text is counted as one byte a character. */
  readonly bytes: number;
}

/** `nsp` in a packet: nothing for the default namespace. */
export function namespacePrefix(namespace: string): string {
  return namespace === "/" ? "" : `${namespace},`;
}

/**
 * Encodes an event by hand: socket.io-parser would parse and stringify the data for nothing.
 * Packet types of the Socket.IO protocol, revision 5: 2 EVENT, 5 BINARY_EVENT with its number of attachments.
 */
export function encodeEvent(
  event: LoggedEvent,
  prefix: string,
  options: { previous: string | undefined; replayed: boolean },
): EncodedEvent {
  const { head, attachment } = event.wire;
  const previous = options.previous === undefined ? "" : `,"previous":"${options.previous}"`;
  const tail = options.replayed ? `${previous},"replayed":true}]` : `${previous}}]`;
  if (attachment === undefined) {
    const text = `2${prefix}${head}${tail}`;
    return { packets: [text], bytes: text.length };
  }
  const text = `51-${prefix}${head}${tail}`;
  return { packets: [text, attachment], bytes: text.length + attachment.length };
}
