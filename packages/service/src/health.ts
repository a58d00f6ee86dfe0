import type { FastifyInstance } from "fastify";

export interface Check {
  ok: boolean;
  /** What is wrong, or what is waited for. */
  detail?: string;
}

/** What a process needs to do its work, each thing by name. */
export interface Health {
  /** Says how one thing stands now. A name that was not expected is added. */
  set(check: string, ok: boolean, detail?: string): void;
  /** Whether every check is ok. */
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, Check>>;
}

/** Every expected check is false until it is set. */
export function createHealth(expected: readonly string[]): Health {
  const checks: Record<string, Check> = {};
  for (const check of expected) checks[check] = { ok: false, detail: "starting" };
  return {
    checks,
    set(check, ok, detail) {
      checks[check] = detail === undefined ? { ok } : { ok, detail };
    },
    get ready() {
      return Object.values(checks).every((check) => check.ok);
    },
  };
}

/** `GET /healthz`: 200 while the process lives. `GET /readyz`: 200 or 503 with `{ ready, checks }`. */
export function healthRoutes(app: FastifyInstance, health: Health): void {
  app.get("/healthz", (_request, reply) => reply.send({ ok: true }));
  app.get("/readyz", (_request, reply) => {
    const ready = health.ready;
    return reply.code(ready ? 200 : 503).send({ ready, checks: health.checks });
  });
}
