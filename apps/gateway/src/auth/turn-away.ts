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
    const retryAfter = String(Math.ceil((error.retryAfterMs ?? 1_000) / 1_000));
    response.writeHead(503, { "content-type": "application/json; charset=utf-8", "retry-after": retryAfter });
    response.end(JSON.stringify({ error }));
  });
}
