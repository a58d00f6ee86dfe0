import type { IncomingMessage, ServerResponse } from "node:http";
import type { ClientError } from "@warren/events";

/** The part of engine.io's server that sees every request before a connection comes of it. */
interface Engine {
  use(middleware: (request: IncomingMessage, response: ServerResponse, next: () => void) => void): unknown;
}

/**
 * Turns new connections away before they cost anything, while there is a reason to: with 503, `Retry-After` and the coded
 * error. To a Socket.IO client that is a transport that failed, so every client, whatever its program, comes back by
 * itself with its backoff; a refusal of the namespace would be final to a client that does not handle it.
 */
export function turnAway(engine: Engine, reason: () => ClientError | undefined): void {
  engine.use((request, response, next) => {
    const established = /[?&]sid=/.test(request.url ?? "");
    const error = established ? undefined : reason();
    if (error === undefined) return next();
    const body = JSON.stringify({ error });
    const headers = {
      "content-type": "application/json; charset=utf-8",
      "content-length": Buffer.byteLength(body),
      "retry-after": String(Math.ceil((error.retryAfterMs ?? 1_000) / 1_000)),
      connection: "close",
    };
    if (request.headers.upgrade === undefined) return void response.writeHead(503, headers).end(body);
    // What engine.io hands on as the response to an upgrade can only cut the connection, so the answer is written by hand.
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    request.socket.end(`HTTP/1.1 503 Service Unavailable\r\n${lines.join("")}\r\n${body}`);
  });
}
