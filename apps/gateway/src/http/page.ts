import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { Logger } from "@warren/service";
import type { FastifyInstance } from "fastify";

/** The page is made of its own files and talks to its own gateway, and nothing else. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self' ws: wss:",
  "object-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Serves the page's built files at `/`, where they exist. Files with a hash in their name may be kept for ever. */
export async function servePage(app: FastifyInstance, folder: string, logger: Logger): Promise<void> {
  if (!existsSync(join(folder, "index.html"))) {
    logger.warn({ folder }, "no page here: build it with `npm run build`, or set GATEWAY_PAGE_DIR");
    return;
  }
  await app.register(fastifyStatic, {
    root: folder,
    cacheControl: false,
    setHeaders(reply, path) {
      const immutable = path.startsWith(join(folder, "assets"));
      void reply.header("cache-control", immutable ? "public, max-age=31536000, immutable" : "no-cache");
      void reply.header("content-security-policy", CONTENT_SECURITY_POLICY);
      void reply.header("x-content-type-options", "nosniff");
      void reply.header("referrer-policy", "no-referrer");
    },
  });
}
