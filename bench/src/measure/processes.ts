import { readdirSync, readFileSync } from "node:fs";

/** Linux counts CPU time for readers in hundredths of a second, whatever the kernel's own tick. */
const TICK_MS = 10;

interface Stat {
  readonly name: string;
  readonly parent: number;
  /** Unit: milliseconds of user and system time, all threads. */
  readonly cpuMs: number;
}

function stat(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  const end = text.lastIndexOf(")");
  const fields = text.slice(end + 2).split(" ");
  return {
    name: text.slice(text.indexOf("(") + 1, end),
    parent: Number(fields[1]),
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
  };
}

/** Unit: milliseconds of user and system time of these processes; one that has ended counts for nothing. */
export function cpuMs(pids: readonly number[]): number {
  return pids.reduce((total, pid) => total + (stat(pid)?.cpuMs ?? 0), 0);
}

/** Unit: bytes of resident memory. */
export function residentBytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"));
  return Number(line?.[1] ?? 0) * 1024;
}

/** Processes under `root` whose program has this name. */
export function descendants(root: number, name: string): number[] {
  const all = new Map<number, Stat>();
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    const found = Number.isInteger(pid) ? stat(pid) : undefined;
    if (found !== undefined) all.set(pid, found);
  }
  const below = (pid: number): boolean => {
    const parent = all.get(pid)?.parent ?? 0;
    return parent === root || (parent > 1 && below(parent));
  };
  return [...all].filter(([pid, { name: its }]) => its === name && below(pid)).map(([pid]) => pid);
}
