import { PublishError, type Publisher } from "@warren/amqp";
import { CodedError } from "@warren/events";
import { readEventLine } from "../events/event.ts";
import { eventMessage } from "../events/message.ts";
import { parseJson } from "../json-text.ts";
import { createPace } from "../pace.ts";
import { MAX_LINE_BYTES, readLines, type Line } from "./lines.ts";

export interface ReplayOptions {
  path: string;
  /** Names the file's content; ids of lines that bring none are made of it and the line's number. */
  fingerprint: string;
  /** For lines that name none. */
  exchange: string | undefined;
  /** Unit: events per second. */
  rate: number;
  publisher: Publisher;
  /** Ends the replay after the lines that are under way. */
  signal: AbortSignal;
  /** Unit: unconfirmed messages. @default 500 */
  window?: number;
  onLine?(totals: ReplayTotals): void;
  /** A line that is not in the broker, and why. */
  onFailure?(line: number, reason: string): void;
}

export interface ReplayTotals {
  /** Lines that the broker has confirmed. */
  confirmed: number;
  /** Lines that were published and not confirmed. */
  refused: number;
  /** Lines that hold no event, and were not published. */
  faulty: number;
  /** The last line that was read. */
  line: number;
}

const defaults = { window: 500 } satisfies Partial<ReplayOptions>;

/** Publishes each line of a file, in order, with at most `window` of them unconfirmed. */
export async function replay(options: ReplayOptions): Promise<ReplayTotals> {
  const { publisher, window, signal } = { ...defaults, ...options };
  const totals: ReplayTotals = { confirmed: 0, refused: 0, faulty: 0, line: 0 };
  const underWay = new Set<Promise<void>>();
  const pace = createPace(options.rate, signal);

  for await (const line of readLines(options.path)) {
    await pace();
    if (signal.aborted) break;
    totals.line = line.number;
    const message = read(line);
    if (message === undefined) continue;
    const done = publish(line.number, message).finally(() => underWay.delete(done));
    underWay.add(done);
    if (underWay.size >= window) await Promise.race(underWay);
  }
  await Promise.all(underWay);
  return totals;

  function read(line: Line) {
    try {
      return lineMessage(line, options);
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      totals.faulty++;
      options.onFailure?.(line.number, `${error.code}: ${error.message}`);
      options.onLine?.(totals);
      return undefined;
    }
  }

  async function publish(line: number, message: ReturnType<typeof lineMessage>): Promise<void> {
    try {
      await publisher.publish(message);
      totals.confirmed++;
    } catch (error) {
      if (!(error instanceof PublishError)) throw error;
      totals.refused++;
      options.onFailure?.(line, `${error.code}: ${error.message}`);
    }
    options.onLine?.(totals);
  }
}

function lineMessage({ bytes, number }: Line, { fingerprint, exchange }: ReplayOptions) {
  if (bytes === undefined) {
    throw new CodedError("PAYLOAD_TOO_LARGE", `The line is longer than ${MAX_LINE_BYTES} bytes.`);
  }
  const event = readEventLine(parseJson(bytes));
  const target = event.exchange ?? exchange;
  if (target === undefined)
    throw new CodedError("PAYLOAD_INVALID", "exchange: missing; give it in the line or by --exchange.");
  return eventMessage(event, { exchange: target, id: `replay-${fingerprint}-${number}` });
}
