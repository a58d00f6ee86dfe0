import { recordCheck, type LogRecord } from "@warren/event-log";
import { LoggedEvent } from "../src/log/logged-event.ts";

/** A record of a log as a test wants it. */
function record(given: Partial<LogRecord> = {}): LogRecord {
  const plain = {
    offset: 0,
    topic: "t",
    body: Buffer.from("{}"),
    id: undefined,
    type: undefined,
    contentType: "application/json",
    contentEncoding: undefined,
    time: undefined,
    headers: {},
    mark: false,
    ...given,
  };
  return { ...plain, check: given.check ?? recordCheck(plain) };
}

export function logged(given: Partial<LogRecord> = {}): LoggedEvent {
  return new LoggedEvent(record(given), false);
}
