import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { getuid } from "node:process";
import { environmentWith } from "../config.ts";
import { NotHere } from "./contender.ts";

const FOLDERS = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"];

/** Where a program is. Installs its Debian packages when it is missing and this is root. Throws NotHere. */
export function program(name: string, packages: readonly string[], alsoNeeded?: string): string {
  const found = find(name);
  if (found !== undefined && (alsoNeeded === undefined || exists(alsoNeeded))) return found;
  if (getuid?.() !== 0) throw new NotHere(`${name} is missing: apt-get install ${packages.join(" ")}`);
  const options = {
    stdio: "ignore" as const,
    // Policy of Debian: the services that come with the packages are not wanted.
    env: environmentWith({ DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" }),
  };
  spawnSync("apt-get", ["update"], options);
  spawnSync("apt-get", ["install", "-y", "--no-install-recommends", ...packages], options);
  const installed = find(name);
  if (installed === undefined)
    throw new NotHere(`${name} could not be installed: apt-get install ${packages.join(" ")}`);
  return installed;
}

/** What a program prints. */
export function output(command: string, args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  return `${stdout}${stderr}`;
}

function find(name: string): string | undefined {
  return FOLDERS.map((folder) => `${folder}/${name}`).find(exists);
}

function exists(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
