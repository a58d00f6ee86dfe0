import type { Duplex } from "node:stream";

/**
 * What socket.io, engine.io and ws have behind their public types and the fast path touches. Nothing here is promised
 * by them, so every part is looked at before each use, and whatever is not exactly as expected takes Socket.IO's own way.
 */
export interface EngineConnection {
  readonly readyState: string;
  readonly upgrading?: boolean;
  readonly writeBuffer: readonly unknown[];
  readonly transport: {
    readonly name: string;
    readonly writable: boolean;
    readonly perMessageDeflate?: unknown;
    readonly socket?: WebSocketInside;
  };
  write(data: string | Buffer, options: { compress: boolean }, flushed?: () => void): unknown;
}

interface WebSocketInside {
  readonly readyState: number;
  readonly extensions: string;
  readonly bufferedAmount: number;
  readonly _socket?: Duplex | null;
}

const OPEN = 1;

/**
 * The connection's own stream, where frames may be written to it right now: an upgraded, open, uncompressed WebSocket on
 * which neither engine.io nor ws has anything waiting. What Socket.IO writes afterwards goes to the same stream, so the
 * order of events, acks, control messages and pings is the order in which they were written.
 */
export function bareWebSocket(connection: EngineConnection): Duplex | undefined {
  const { transport } = connection;
  if (connection.readyState !== "open" || connection.upgrading === true || connection.writeBuffer.length > 0)
    return undefined;
  if (transport.name !== "websocket" || !transport.writable || Boolean(transport.perMessageDeflate)) return undefined;
  const webSocket = transport.socket;
  if (webSocket?.readyState !== OPEN || webSocket.extensions !== "") return undefined;
  const stream = webSocket._socket;
  return stream?.writable === true ? stream : undefined;
}

/** Unit: bytes that ws and its stream hold for the network; 0 where there is no WebSocket. */
export function bufferedBytes({ transport }: EngineConnection): number {
  return transport.name === "websocket" ? (transport.socket?.bufferedAmount ?? 0) : 0;
}
