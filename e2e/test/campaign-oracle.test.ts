import { formatPosition } from "@warren/events";
import { describe, expect, it } from "vitest";
import { Ledger } from "../campaign/oracle/ledger.ts";
import { LogCopy } from "../campaign/oracle/log-copy.ts";
import { TopicTable } from "../campaign/oracle/topics.ts";

const TOPIC = 0;
const OTHER_TOPIC = 1;

/** Every life has records of its own: the check says which one it is. */
function position(offset: number, life = 0, before = false): string {
  const check = (life * 1_000_000 + offset).toString(16).padStart(8, "0");
  return formatPosition({ offset, check, before });
}

function log(options: { mayLose?: boolean; records?: number } = {}): LogCopy {
  const copy = new LogCopy("campaign", options.mayLose ?? false);
  fill(copy, options.records ?? 10);
  return copy;
}

/** Publication n stands at offset n - 1 of the first life. */
function fill(copy: LogCopy, records: number): void {
  const life = copy.lives.length - 1;
  for (let offset = 0; offset < records; offset++) {
    const record = { offset, check: life * 1_000_000 + offset, topic: TOPIC, number: life * 100 + offset + 1 };
    copy.append(record, 0);
  }
}

/** A client that stood before the first record and got these offsets. */
function clientWith(copy: LogCopy, offsets: readonly number[]): Ledger {
  const ledger = new Ledger(copy, (topic) => topic === TOPIC);
  ledger.begin("<0");
  receive(ledger, offsets);
  return ledger;
}

function receive(ledger: Ledger, offsets: readonly number[], life = 0): void {
  for (const offset of offsets)
    ledger.event({ position: position(offset, life), topic: TOPIC, number: life * 100 + offset + 1 });
}

/** What is found, of each complaint that there is. */
function findings(ledger: Ledger): Record<string, number> {
  ledger.close();
  return Object.fromEntries(Object.entries(ledger.counts).filter(([, count]) => count > 0));
}

const all = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

describe("the oracle of the fault campaign", () => {
  it("has nothing to say of a client that got everything once, in order", () => {
    expect(findings(clientWith(log(), all))).toEqual({});
  });

  it("finds each event that did not arrive, in the middle and at the end", () => {
    const ledger = clientWith(log(), [0, 1, 2, 4, 5, 6, 7]);
    expect(ledger.arrived()).toBe(false);
    expect(findings(ledger)).toEqual({ loss: 3 });
    expect(ledger.findings.map(({ offset }) => offset)).toEqual([3, 8, 9]);
  });

  it("asks for nothing before the place where the client first stood, and nothing that its patterns do not match", () => {
    const copy = log();
    copy.append({ offset: 10, check: 10, topic: OTHER_TOPIC, number: 11 }, 0);
    copy.append({ offset: 11, check: 11, topic: undefined, number: 0 }, 0);
    const ledger = new Ledger(copy, (topic) => topic === TOPIC);
    ledger.begin(position(6));
    receive(ledger, [7, 8, 9]);
    expect(findings(ledger)).toEqual({});
  });

  it("finds an event that came twice, even much later", () => {
    expect(findings(clientWith(log(), [0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 0]))).toEqual({ repeat: 2 });
  });

  it("finds an event that came after a later one", () => {
    expect(findings(clientWith(log(), [0, 1, 3, 2, 4, 5, 6, 7, 8, 9]))).toEqual({ misorder: 1 });
  });

  it("finds what the log does not hold, and what was not meant for the client", () => {
    const copy = log();
    copy.append({ offset: 10, check: 10, topic: OTHER_TOPIC, number: 11 }, 0);
    const ledger = clientWith(copy, all);
    ledger.event({ position: position(10), topic: OTHER_TOPIC, number: 11 });
    ledger.event({ position: position(9, 7), topic: TOPIC, number: 10 });
    expect(findings(ledger)).toEqual({ stranger: 1, phantom: 1 });
  });

  it("owes nobody the copy of a publication, and finds the client that got both", () => {
    const copy = log();
    copy.append({ offset: 10, check: 10, topic: TOPIC, number: 5 }, 0);
    expect(findings(clientWith(copy, all))).toEqual({});
    const both = clientWith(copy, all);
    both.event({ position: position(10), topic: TOPIC, number: 5 });
    expect(findings(both)).toEqual({ idRepeat: 1 });
  });

  it("excuses exactly what lies between the two positions of a gap", () => {
    const ledger = clientWith(log({ mayLose: true }), [0, 1]);
    ledger.gap({ from: position(1), to: position(5, 0, true), reason: "retention" });
    receive(ledger, [6, 7, 8, 9]);
    expect(findings(ledger)).toEqual({ loss: 1 });
    expect(ledger.findings[0]!.offset).toBe(5);
    expect(ledger.excusedEvents).toBe(3);
  });

  it("finds any gap on a log that never loses anything", () => {
    const ledger = clientWith(log(), [0, 1]);
    ledger.gap({ from: position(1), to: position(5, 0, true), reason: "retention" });
    receive(ledger, [5, 6, 7, 8, 9]);
    expect(findings(ledger)).toEqual({ gap: 1 });
  });

  it("asks for all of a log that was made again, and excuses the rest of the old one only to who was told", () => {
    const told = log({ mayLose: true });
    const knowing = clientWith(told, all.slice(0, 8));
    knowing.settle();
    told.beginLife(0);
    fill(told, 5);
    knowing.gap({ from: position(7), to: position(0, 1, true), reason: "reset" });
    receive(knowing, [0, 1, 2, 4], 1);
    expect(findings(knowing)).toEqual({ loss: 1 });
    expect(knowing.findings[0]).toMatchObject({ life: 1, offset: 3 });

    const silent = log({ mayLose: true });
    const unknowing = clientWith(silent, all.slice(0, 8));
    unknowing.settle();
    silent.beginLife(0);
    fill(silent, 5);
    receive(unknowing, [0, 1, 2, 3, 4], 1);
    expect(findings(unknowing)).toEqual({ loss: 2 });
  });

  it("does not ask again for what came before the place where the broker lost the end of the log", () => {
    const copy = log();
    const seamless = clientWith(copy, all.slice(0, 8));
    const told = clientWith(copy, all);
    const silent = clientWith(copy, all);
    for (const ledger of [seamless, told, silent]) ledger.settle();
    copy.loseFrom(8);
    for (const offset of [8, 9]) copy.append({ offset, check: 500 + offset, topic: TOPIC, number: 50 + offset }, 0);
    expect(copy.lost).toBe(2);
    expect(copy.holds(10)).toBe(false);
    const receiveAnew = (ledger: Ledger) => {
      for (const offset of [8, 9]) {
        const check = (500 + offset).toString(16).padStart(8, "0");
        const at = formatPosition({ offset, check, before: false });
        ledger.event({ position: at, topic: TOPIC, number: 50 + offset });
      }
    };
    receiveAnew(seamless);
    expect(findings(seamless)).toEqual({});
    // Told that the log is another, a client is sent all of it again.
    told.gap({ from: position(9), to: position(0, 0, true), reason: "reset" });
    receive(told, all.slice(0, 8));
    receiveAnew(told);
    expect(findings(told)).toEqual({});
    expect(findings(silent)).toEqual({ loss: 2 });
  });

  it("waits for the auditor before it judges", () => {
    const copy = log({ records: 5 });
    const ledger = clientWith(copy, all);
    ledger.settle();
    expect(ledger.counts.phantom).toBe(0);
    for (let offset = 5; offset < 10; offset++)
      copy.append({ offset, check: offset, topic: TOPIC, number: offset + 1 }, 0);
    expect(ledger.arrived()).toBe(true);
    expect(findings(ledger)).toEqual({});
  });

  it.each([
    ["#", "a.b.c", true],
    ["a.#", "a", true],
    ["#.c", "a.b.c", true],
    ["a.*.c", "a.b.c", true],
    ["*.*", "a.b.c", false],
    ["a.*", "a", false],
    ["a.#.c", "a.c", true],
    ["a.b", "a.b.c", false],
  ])("matches %s with %s as RabbitMQ does: %s", (pattern, topic, matched) => {
    const topics = new TopicTable();
    expect(topics.matcher([pattern])(topics.numberOf(topic))).toBe(matched);
  });
});
