import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";

/** The machine and the programs that figures were taken on, and how busy it was. */
export interface Environment {
  readonly node: string;
  readonly cores: number;
  readonly processor: string;
  readonly versions: Readonly<Record<string, string>>;
}

export function environment(versions: Readonly<Record<string, string>>): Environment {
  return { node: process.version, cores: availableParallelism(), processor: cpus()[0]?.model ?? "unknown", versions };
}

/** Load averages of the last 1, 5 and 15 minutes. */
export function load(): string {
  return loadavg()
    .map((each) => each.toFixed(1))
    .join(" ");
}

/** Version of an installed npm package. */
export function packageVersion(name: string): string {
  const file = new URL(`../../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
