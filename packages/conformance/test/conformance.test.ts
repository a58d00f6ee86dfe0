import { expect, it, onTestFinished } from "vitest";
import {
  CHECKS,
  runConformance,
  Unreachable,
  UNPROVABLE,
  type ConformanceOptions,
  type Report,
} from "@warren/conformance";
import { scriptedGateway, type Sabotage } from "./scripted-gateway.ts";

async function run(sabotage: Sabotage = {}, options: ConformanceOptions = {}): Promise<Report> {
  const gateway = await scriptedGateway(sabotage);
  onTestFinished(gateway.close);
  return runConformance(gateway.url, { timeoutMs: 1_000, ...options });
}

function failedIn({ results }: Report): string[] {
  return [...new Set(results.filter(({ outcome }) => outcome === "failed").map(({ name }) => name))];
}

it("a gateway that keeps the protocol passes everything but what cannot be proved from outside, or is slow", async () => {
  const told: string[] = [];
  const report = await run({}, { timeoutMs: 5_000, onResult: ({ name }) => told.push(name) });
  expect(report.results.filter(({ outcome }) => outcome === "failed")).toEqual([]);
  const skipped = report.results.filter(({ outcome }) => outcome === "skipped").map(({ name }) => name);
  const slow = CHECKS.filter(({ slow }) => slow === true);
  expect(new Set(skipped)).toEqual(new Set([...UNPROVABLE, ...slow].map(({ name }) => name)));
  expect(report.passed + report.skipped).toBe(report.results.length);
  expect(told).toEqual(report.results.map(({ name }) => name));
});

/** Whether a client of the check `resume` comes back after one of its own events. */
const resumes = (missed: readonly { topic: string }[], after: number, log: readonly { topic: string }[]) =>
  missed.length > 0 && log[after - 1]?.topic === missed[0]!.topic && missed[0]!.topic.includes(".resume-websocket.");

it.each<[rule: string, sabotage: Sabotage, failing: string[]]>([
  [
    "repeats an event on resume",
    { replay: (missed, after, log) => (resumes(missed, after, log) ? [log[after - 1]!, ...missed] : missed) },
    ["resume"],
  ],
  [
    "skips an event on resume",
    { replay: (missed, after, log) => (resumes(missed, after, log) ? missed.slice(1) : missed) },
    ["resume"],
  ],
  [
    "replays in the wrong order",
    { replay: (missed) => (missed[0]?.topic.includes(".cut-") === true ? missed.toReversed() : missed) },
    ["cut"],
  ],
  ["sends live events in the wrong order to one client", { live: swapping(".order-websocket.") }, ["order"]],
  [
    "sends an event twice",
    { live: (event) => (event.topic.includes(".order-") ? [event, event] : [event]) },
    ["order"],
  ],
  [
    "acks what it refuses",
    { refused: (answer) => ({ ...answer, ok: true }) },
    [
      "no-echo",
      "history-limit",
      "refuse-pattern",
      "refuse-position",
      "refuse-reserved",
      "refuse-options",
      "refuse-payload",
    ],
  ],
  ["delivers what it refused", { refused: (answer, publish) => (publish(), answer) }, ["no-echo", "refuse-options"]],
  ["never says ready", { ready: () => {} }, ["ready"]],
  ["says something else before ready", { ready: (socket, ready) => (socket.emit("hello", 1, {}), ready()) }, ["ready"]],
  ["names a wrong previous", { meta: (meta) => ({ ...meta, previous: "1-0000abcd" }) }, ["previous"]],
  ["calls live events replayed", { meta: (meta) => ({ ...meta, replayed: true }) }, ["meta"]],
  ["announces no gap", { gap: () => {} }, ["gap-future", "gap-forged"]],
  ["announces a gap only afterwards", { gap: (send) => void setTimeout(send, 50) }, ["gap-future", "gap-forged"]],
  ["takes a retry for another event", { repeats: true }, ["id-once-live", "id-once-replay"]],
  [
    "never says that a client caught up",
    { caughtUp: () => {} },
    ["resume", "resume-forms", "resume-before-first-event", "resume-from-beginning", "caught-up", "seam", "previous"],
  ],
  ["says twice that a client caught up", { caughtUp: (send) => (send(), send()) }, ["caught-up"]],
  ["makes texts of numbers", { data: (data) => (data === 0.1 ? "0.1" : data) }, ["json"]],
  ["cuts bytes short", { data: (data) => (Buffer.isBuffer(data) ? data.subarray(0, 9) : data) }, ["binary"]],
  ["does not unsubscribe", { unsubscribes: false }, ["unsubscribe"]],
  ["brings larger pages than asked for", { pageSize: 100 }, ["history"]],
  [
    "answers with another code",
    { code: (code) => (code === "NAMESPACE_UNKNOWN" ? "NOT_FOUND" : code) },
    ["refuse-namespace"],
  ],
  ["does not publish without an ack", { listens: "acked only" }, ["emit"]],
])("a gateway that %s fails in exactly what it breaks", async (_rule, sabotage, failing) => {
  expect(failedIn(await run(sabotage, { transports: ["websocket"] })).sort()).toEqual(failing.sort());
});

function swapping(topic: string): NonNullable<Sabotage["live"]> {
  const held = new Map<string, Parameters<NonNullable<Sabotage["live"]>>[0]>();
  let victim: string | undefined;
  return (event, socket) => {
    if (!event.topic.includes(topic) || socket.id !== (victim ??= socket.id)) return [event];
    const earlier = held.get(socket.id);
    if (earlier === undefined && event.offset % 10 === 0) {
      held.set(socket.id, event);
      return [];
    }
    held.delete(socket.id);
    return earlier === undefined ? [event] : [event, earlier];
  };
}

it("without warren:ready nothing else is tried, and nothing else counts as failed", async () => {
  const report = await run({ ready: () => {} });
  const others = report.results.filter(({ name }) => name !== "ready");
  expect(new Set(others.map(({ outcome }) => outcome))).toEqual(new Set(["skipped"]));
});

it("only what is asked for runs, and a name that is none is refused", async () => {
  const report = await run({}, { only: ["order", "slow-client"] });
  expect(new Set(report.results.map(({ name }) => name))).toEqual(new Set(["order", "slow-client"]));
  await expect(run({}, { only: ["nonsense"] })).rejects.toThrow(RangeError);
});

it("a server that is not there, or lets nobody in, is named in one sentence", async () => {
  await expect(runConformance("http://127.0.0.1:1", { timeoutMs: 2_000 })).rejects.toThrow(Unreachable);
  await expect(runConformance("nonsense")).rejects.toThrow('"nonsense" is no http(s) URL');
  await expect(run({}, { namespace: "/nowhere" })).rejects.toThrow(/refuses namespace "\/nowhere".*NAMESPACE_UNKNOWN/);
});
