import { describe } from "vitest";
import { boundsPromises } from "./bounds.ts";
import type { CreateHarness } from "./harness.ts";
import { positionPromises } from "./positions.ts";
import { readingPromises } from "./readings.ts";
import { recordPromises } from "./records.ts";
import { restartPromises, tailPromises } from "./tails.ts";

export type { CreateHarness, EventLogHarness, HarnessOptions, SuiteMessage } from "./harness.ts";

export interface EventLogAbilities {
  /** Whether the log outlives what holds it; the harness then has `restart`. */
  readonly survivesRestart: boolean;
}

/** What every event log promises, as tests: a function of the log under test. For vitest. */
export function describeEventLog(name: string, create: CreateHarness, abilities: EventLogAbilities): void {
  describe(`${name}: records`, () => {
    recordPromises(create);
  });
  describe(`${name}: positions`, () => {
    positionPromises(create);
  });
  describe(`${name}: readings`, () => {
    readingPromises(create);
  });
  describe(`${name}: bounds`, () => {
    boundsPromises(create);
  });
  describe(`${name}: tails`, () => {
    tailPromises(create);
  });
  describe.runIf(abilities.survivesRestart)(`${name}: restarts`, () => {
    restartPromises(create);
  });
}
