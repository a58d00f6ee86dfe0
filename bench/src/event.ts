/** Unit: bytes of one event's body, as its publisher writes it; what the figures are stated for. */
const EVENT_BYTES = 200;

/** The one event type of all scenarios: of the same length everywhere, so that a client finds the numbers by place. */
export const EVENT_TYPE = "e";

const TOPIC_DIGITS = 5;
const NUMBER_DIGITS = 9;
const TIME_DIGITS = 16;

/** Where the numbers stand in an event's text, after its opening quote. */
export const LAYOUT = {
  topic: { at: 0, digits: TOPIC_DIGITS },
  number: { at: TOPIC_DIGITS + 1, digits: NUMBER_DIGITS },
  time: { at: TOPIC_DIGITS + NUMBER_DIGITS + 2, digits: TIME_DIGITS },
} as const;

/** Events to be published together: one for each topic and number, in order of numbers. */
export interface Batch {
  readonly topics: readonly number[];
  /** Number of the first event; each topic counts from 1. */
  readonly from: number;
  /** How many events for each topic. */
  readonly count: number;
  /** Unit: bytes of one body. @default EVENT_BYTES */
  readonly bytes?: number;
}

/** Unit: microseconds on the clock that all processes of one machine share. */
export function nowMicros(): number {
  return Math.floor(Number(process.hrtime.bigint()) / 1000);
}

/** The text of one event: its topic, its number in that topic, the moment it was made, and padding. */
function eventText(topic: number, number: number, bytes = EVENT_BYTES): string {
  const numbers = [
    String(topic).padStart(TOPIC_DIGITS, "0"),
    String(number).padStart(NUMBER_DIGITS, "0"),
    String(nowMicros()).padStart(TIME_DIGITS, "0"),
  ].join(":");
  return `${numbers}:`.padEnd(bytes - 2, "x");
}

export function topicName(topic: number): string {
  return `t${topic}`;
}

/** Every event of a batch in the order in which it is to be published. */
export function* eventsOf({
  topics,
  from,
  count,
  bytes,
}: Batch): Generator<{ topic: number; text: string; id: string }> {
  for (let number = from; number < from + count; number++) {
    for (const topic of topics) yield { topic, text: eventText(topic, number, bytes), id: `${topic}-${number}` };
  }
}
