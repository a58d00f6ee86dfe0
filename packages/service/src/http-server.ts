import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import {
  fastify,
  type FastifyBaseLogger,
  LogController,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import { httpError, type HttpError } from "./http-errors.ts";
import type { Logger } from "./logger.ts";

export interface HttpServerOptions {
  logger: Logger;
  /** Unit: bytes. A larger body is answered with 413. @default 1_048_576 */
  bodyLimitBytes?: number;
  /** Unit: milliseconds. How long a request may take to arrive whole. @default 60_000 */
  requestTimeoutMs?: number;
}

const defaults = {
  bodyLimitBytes: 1_048_576,
  requestTimeoutMs: 60_000,
} satisfies Omit<HttpServerOptions, "logger">;

/**
 * A Fastify server whose every failure is answered with `{ error: { code, message, retryable, retryAfterMs? } }`.
 * Requests are not logged; those that end in 500 or worse are. While it closes, what was taken is finished, and what
 * still comes in on open connections is answered with 503 CLOSING.
 */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const settings = { ...defaults, ...options };
  let closing = false;
  // Widened: with pino's own type every plugin and route would have to name it.
  const loggerInstance: FastifyBaseLogger = settings.logger;

  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: settings.bodyLimitBytes,
    requestTimeout: settings.requestTimeoutMs,
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => void answer(error, request, reply),
    clientErrorHandler: refuseUnreadable,
  });
  app.setErrorHandler((error, request, reply) => answer(error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    const message = `There is nothing at ${request.method} ${request.url.split("?", 1)[0]}.`;
    return send(reply, 404, { code: "NOT_FOUND", message, retryable: false });
  });
  app.addHook("preClose", (done) => {
    closing = true;
    done();
  });
  app.addHook("onRequest", (_request, reply, done) => {
    if (!closing) return done();
    void reply.header("connection", "close");
    const message = "This process is going away: send it again.";
    void send(reply, 503, { code: "CLOSING", message, retryable: true, retryAfterMs: 1_000 });
  });
  return app;
}

function answer(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, error } = httpError(thrown);
  if (status === 500) request.log.error({ err: thrown, method: request.method, url: request.url }, "request failed");
  return send(reply, status, error);
}

function send(reply: FastifyReply, status: number, error: HttpError): FastifyReply {
  if (error.retryAfterMs !== undefined) void reply.header("retry-after", Math.ceil(error.retryAfterMs / 1_000));
  return reply.code(status).type("application/json; charset=utf-8").send(JSON.stringify({ error }));
}

/** What was sent is no HTTP, so there is no request to answer: the bytes are written to the socket itself. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  const status = UNREADABLE[error.code ?? ""] ?? 400;
  const body = JSON.stringify({
    error: {
      code: "PAYLOAD_INVALID",
      message:
        status === 408 ? "The request did not arrive in time." : "The request is not HTTP as this server reads it.",
      retryable: status === 408,
    },
  });
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-type: application/json\r\n`;
  if (socket.writable) socket.write(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  socket.destroy(error);
}

const UNREADABLE: Readonly<Record<string, number>> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 };
