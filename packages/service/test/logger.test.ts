import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { createLogger, type Logger } from "../src/index.ts";

function lines(settings: { pretty?: boolean; level?: string }): { logger: Logger; text: () => string } {
  const chunks: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return { logger: createLogger({ name: "sample", destination, ...settings }), text: () => chunks.join("") };
}

describe("createLogger", () => {
  it("writes one JSON object per line, with the name of the process", () => {
    const { logger, text } = lines({});
    logger.info({ port: 3000 }, "listening");
    expect(JSON.parse(text())).toMatchObject({ level: 30, name: "sample", port: 3000, msg: "listening" });
    expect(text().endsWith("}\n")).toBe(true);
  });

  it("leaves out what is below its level, which can change while it runs", () => {
    const { logger, text } = lines({ level: "warn" });
    logger.info("unseen");
    logger.level = "info";
    logger.info("seen");
    expect(text()).not.toContain("unseen");
    expect(text()).toContain("seen");
  });

  it.each([false, true])("hides secrets and the credentials inside URLs (pretty: %s)", (pretty) => {
    const { logger, text } = lines({ pretty });
    logger.info({ password: "hunter2", broker: { secret: "hunter2", deep: { token: "hunter2" } } }, "keys");
    logger.info({ url: "amqp://me:hunter2@host/v" }, "cannot reach amqps://me:hun@ter2@host");
    logger.error({ err: new Error("refused: amqp://me:hunter2@host") }, "failed");
    expect(text()).toContain("://***@host");
    expect(text()).not.toMatch(/hunter2|ter2/);
  });

  it("writes for people where asked to", () => {
    const { logger, text } = lines({ pretty: true });
    logger.info("listening");
    expect(text()).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO \(sample\): listening\n$/);
  });
});
