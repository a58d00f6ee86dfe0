import type { Outcome } from "../report/figure.ts";

export interface ScenarioOptions {
  /** How often each contender takes its turn. */
  readonly rounds: number;
  /** Names of parts of the scenario to run; none: all. */
  readonly only: readonly string[];
  readonly profileDir: string | undefined;
  /** Is told of progress. */
  readonly say: (line: string) => void;
  /** Notes the version of a program that takes part. */
  readonly version: (name: string, version: string) => void;
}

/** Something to be measured. Whatever it starts has ended when it resolves. */
export type Scenario = (options: ScenarioOptions) => Promise<readonly Outcome[]>;
