import { readdirSync, readFileSync } from "node:fs";
import { spawnSync } from "node:child_process";

import { poll } from "../poll.ts";

/** Whether the process exists and is no zombie. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return true;
  }
}

/** Children, their children and so on: the Erlang machine keeps its port programs in process groups of their own. */
function descendants(pid: number): number[] {
  const parents = parentsOfAll();
  const found = [pid];
  for (const ancestor of found) {
    for (const [child, parent] of parents) if (parent === ancestor) found.push(child);
  }
  return found.slice(1);
}

function parentsOfAll(): [number, number][] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        try {
          // The second field is the command in parentheses and may hold anything, so read from its end.
          const stat = readFileSync(`/proc/${name}/stat`, "utf8");
          return [[Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])] as [number, number]];
        } catch {
          return [];
        }
      });
  } catch {
    const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
    return (stdout ?? "")
      .split("\n")
      .map((line) => line.trim().split(/\s+/).map(Number) as [number, number])
      .filter(([child]) => child > 0);
  }
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Resolves when the process is gone; after `graceMs` milliseconds it, and at once its descendants, are killed. */
export async function end(pid: number, options: { signal: NodeJS.Signals; graceMs: number }): Promise<void> {
  const family = [pid, ...descendants(pid)];
  signal(pid, options.signal);
  const ended = await poll(() => (isAlive(pid) ? undefined : true), { timeoutMs: options.graceMs, everyMs: 20 });
  if (!ended) family.push(...descendants(pid));
  for (const member of ended ? family.slice(1) : family) {
    // Port programs end with the machine they serve; those that have not by then are stuck.
    const gone = ended && (await poll(() => (isAlive(member) ? undefined : true), { timeoutMs: 2_000, everyMs: 10 }));
    if (!gone) signal(member, "SIGKILL");
  }
  await poll(() => (family.some(isAlive) ? undefined : true), { timeoutMs: 5_000, everyMs: 10 });
}
