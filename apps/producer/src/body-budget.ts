import { CodedError } from "@warren/events";
import type { FastifyInstance } from "fastify";

export interface BodyLimits {
  /** Unit: bytes of request bodies held at once, arriving and answered ones together. @default 268_435_456 */
  totalBytes: number;
}

const defaults = { totalBytes: 268_435_456 } satisfies BodyLimits;

/**
 * Bounds the memory that requests hold before anything is known about who sent them. A request counts by its declared
 * length; one that declares none counts by the most it may have.
 */
export function limitBodies(app: FastifyInstance, limits: Partial<BodyLimits> = {}): void {
  const { totalBytes } = { ...defaults, ...limits };
  let held = 0;
  app.addHook("onRequest", (request, reply, done) => {
    if (request.method === "GET" || request.method === "HEAD") return done();
    const most = request.routeOptions.bodyLimit ?? app.initialConfig.bodyLimit ?? 0;
    const bytes = Math.min(Number(request.headers["content-length"] ?? most), most);
    if (held + bytes > totalBytes) {
      done(new CodedError("BUFFER_FULL", "Too many requests are being taken already.", { retryAfterMs: 1_000 }));
      return;
    }
    held += bytes;
    reply.raw.once("close", () => (held -= bytes));
    done();
  });
}
