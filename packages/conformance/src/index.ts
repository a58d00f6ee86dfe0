export { runConformance, Unreachable, type ConformanceOptions } from "./run.ts";
export { CHECKS, UNPROVABLE } from "./checks/index.ts";
export type { Check } from "./check.ts";
export type { Outcome, Report, Result } from "./report.ts";
export type { Transport } from "./visitor.ts";
