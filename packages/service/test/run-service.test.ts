import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { run } from "./child.ts";

describe("a process told to stop", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("drains on %s and exits with 0", async (signal) => {
    const child = run("service.ts", ["well", "well"]);
    await child.said('"running"');
    child.kill(signal);
    expect(await child.exited).toBe(0);
    expect(child.stdout).toContain(`${signal}: draining`);
    expect(child.stdout).toContain('"drained"');
  });

  it("is forced by a second signal, exits with 1 and says so", async () => {
    const child = run("service.ts", ["well", "stuck"]);
    await child.said('"running"');
    child.kill("SIGTERM");
    await child.said('"closing"');
    child.kill("SIGINT");
    expect(await child.exited).toBe(1);
    expect(child.stdout).toContain("SIGINT while draining: forced exit");
  });

  it("is forced by the same signal sent again, once it can no longer be the echo of the first", async () => {
    const child = run("service.ts", ["well", "stuck"]);
    await child.said('"running"');
    child.kill("SIGINT");
    await child.said('"closing"');
    // The promise is about time itself: within 200 ms a repeat is npm's echo of the same Ctrl-C.
    await sleep(300);
    child.kill("SIGINT");
    expect(await child.exited).toBe(1);
    expect(child.stdout).toContain("SIGINT while draining: forced exit");
  });

  it("takes the echo that npm sends after a Ctrl-C for the same wish, and drains", async () => {
    const child = run("service.ts", ["well", "well"]);
    await child.said('"running"');
    child.kill("SIGINT");
    child.kill("SIGINT");
    expect(await child.exited).toBe(0);
    expect(child.stdout).toContain('"drained"');
  });

  it("exits with 1 when the drain takes longer than it may, and says so", async () => {
    const child = run("service.ts", ["well", "stuck-briefly"]);
    await child.said('"running"');
    child.kill("SIGTERM");
    expect(await child.exited).toBe(1);
    expect(child.stdout).toContain("not drained within 300 ms: forced exit");
  });

  it("exits with 1 when the drain fails, and logs why", async () => {
    const child = run("service.ts", ["well", "fails"]);
    await child.said('"running"');
    child.kill("SIGTERM");
    expect(await child.exited).toBe(1);
    expect(child.stdout).toContain("cannot close");
  });

  it("gives up a start that is under way, and exits with 0", async () => {
    const child = run("service.ts", ["slow"]);
    await child.said("starting slowly");
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
    expect(child.stdout).toContain("stopped while starting");
  });
});

describe("a process that cannot go on", () => {
  it("prints each fault of its configuration on its own line, without a stack, and exits with 1", async () => {
    const child = run("service.ts", ["misconfigured"]);
    expect(await child.exited).toBe(1);
    expect(child.stderr).toBe('sample: SAMPLE_PORT: missing\nsample: SAMPLE_MODE: expected a, got "b"\n');
    expect(child.stdout).toBe("");
  });

  it("logs any other error of its start with the stack, and exits with 1", async () => {
    const child = run("service.ts", ["broken"]);
    expect(await child.exited).toBe(1);
    expect(child.stdout).toMatch(/no disk\\n\s+at .*"could not start"/);
  });

  it.each([
    ["throws-later", "uncaught exception", "thrown later"],
    ["rejects-later", "unhandled rejection", "rejected later"],
  ])("that %s logs it, drains, and exits with 1", async (start, kind, message) => {
    const child = run("service.ts", [start, "well"]);
    expect(await child.exited).toBe(1);
    for (const text of [kind, message, '"drained"']) expect(child.stdout).toContain(text);
  });
});
