import { describe, expect, it } from "vitest";
import { Line, type Phase } from "../src/connection/line.ts";
import { standIns } from "./stand-in-client.ts";

function setUp() {
  const { opened, open } = standIns();
  const phases: Phase[] = [];
  const due: (() => void)[] = [];
  const line = new Line({
    url: "http://gateway/github",
    topics: ["#"],
    from: "now",
    open,
    soon: (callback) => void due.push(callback),
    onEvent: () => undefined,
    onGap: () => undefined,
    onPhase: (phase) => void phases.push(phase),
  });
  const draw = () => {
    for (const callback of due.splice(0)) callback();
    return line.view();
  };
  return { line, client: opened[0]!, opened, phases, due, draw };
}

const fault = { code: "NAMESPACE_UNKNOWN", message: "No such namespace.", retryable: false };

describe("Line", () => {
  it("goes through connecting and replaying to live", () => {
    const { client, phases, draw } = setUp();
    expect(draw().phase).toBe("connecting");
    client.options.onState("replaying");
    client.options.onState("live");
    expect(phases).toEqual(["replaying", "live"]);
  });

  it("stays connecting while the first tries fail, and says why", () => {
    const { client, phases, draw } = setUp();
    client.options.onState("connecting");
    client.options.onFault(fault);
    expect(draw()).toMatchObject({ phase: "connecting", fault });
    expect(phases).toEqual([]);
  });

  it("calls a connection that broke lost, until it is back", () => {
    const { client, phases, draw } = setUp();
    client.options.onState("live");
    client.options.onState("connecting");
    client.options.onFault(fault);
    client.options.onState("connecting");
    expect(draw()).toMatchObject({ phase: "lost", fault });
    client.options.onState("replaying");
    expect(draw().fault).toBeUndefined();
    expect(phases).toEqual(["live", "lost", "replaying"]);
  });

  it("stays cut until the reader restores it", () => {
    const { line, client, phases, draw } = setUp();
    client.options.onState("live");
    line.cut();
    client.options.onState("connecting");
    expect(draw().phase).toBe("cut");
    line.restore();
    line.restore();
    expect(draw().phase).toBe("connecting");
    client.options.onState("live");
    expect(phases).toEqual(["live", "cut", "connecting", "live"]);
    expect(client.asked).toEqual(["disconnect", "reconnect"]);
  });

  it("shows a refusal, which cannot be cut, and tries again when asked", () => {
    const { line, client, draw } = setUp();
    client.options.onState("refused");
    client.options.onFault(fault);
    line.cut();
    expect(draw()).toMatchObject({ phase: "refused", fault });
    line.restore();
    expect(draw()).toMatchObject({ phase: "connecting", fault: undefined });
    expect(client.asked).toEqual(["reconnect"]);
  });

  it("begins anew with another client, from where it is told", () => {
    const { line, client, opened, draw } = setUp();
    client.options.onState("live");
    client.position = "7";
    expect(draw().position).toBe("7");
    line.beginAnew("first");
    expect(client.asked).toEqual(["close"]);
    expect(opened.map(({ options }) => options.from)).toEqual(["now", "first"]);
    expect(draw()).toMatchObject({ phase: "connecting", position: undefined });
  });

  it("is drawn once for any number of events, and not at all for none", () => {
    const { line, client, due, draw } = setUp();
    let drawn = 0;
    line.subscribe(() => drawn++);
    for (let i = 0; i < 1000; i++) client.options.onEvent("push", {}, { topic: "t", position: `${i}` });
    expect(due).toHaveLength(1);
    const view = draw();
    expect(drawn).toBe(1);
    expect(line.view()).toBe(view);
  });
});
