import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/** One of Warren's processes, as the stack runs it. */
export interface App {
  /** Its folder under `apps/`, and its name in the terminal. */
  readonly name: string;
  readonly portVariable: string;
  readonly port: number;
}

export interface StackConfig {
  /** The repository's root, absolute. */
  readonly root: string;
  /** In the order in which they start; they stop in the reverse one. */
  readonly apps: readonly App[];
  /** What every app gets beside the address of the broker. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** With it the webhooks of the producer are signed. */
  readonly webhookSecret: string;
  /** Whether `webhookSecret` is the one that stands in this file rather than one of the user's. */
  readonly webhookSecretIsDefault: boolean;
}

/** Every fault that keeps the stack from starting, one sentence each. */
export class StackRefused extends Error {
  override readonly name = "StackRefused";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.faults = faults;
  }
}

const defaults = { webhookSecret: "warren-demo" };

/** What the stack runs; an app whose folder does not exist is left out. To run another one, name it here. */
const KNOWN: readonly App[] = [
  { name: "gateway", portVariable: "GATEWAY_PORT", port: 3000 },
  { name: "producer", portVariable: "PRODUCER_PORT", port: 3001 },
  { name: "consumer", portVariable: "CONSUMER_PORT", port: 3002 },
];

/**
 * @param root the repository's root, absolute
 * @throws StackRefused with every fault at once
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>, root: string): StackConfig {
  const faults: string[] = [];
  const apps: App[] = [];
  for (const known of KNOWN) {
    if (!existsSync(entryOf(root, known.name))) continue;
    const text = env[known.portVariable] ?? "";
    const port = text === "" ? known.port : portOf(text);
    if (port === undefined) {
      faults.push(`${known.portVariable}: expected 1-65535, got "${text}"`);
      continue;
    }
    const rival = apps.find((app) => app.port === port);
    if (rival !== undefined) {
      faults.push(`${rival.portVariable} and ${known.portVariable} are both ${port}: give them different ports`);
    }
    apps.push({ ...known, port });
  }
  const config = resolve(root, given(env, "WARREN_CONFIG") ?? "gateway.yaml");
  if (!existsSync(config)) faults.push(`WARREN_CONFIG: there is no file ${config}`);
  if (faults.length > 0) throw new StackRefused(faults);

  const ownSecret = given(env, "GITHUB_WEBHOOK_SECRET");
  const webhookSecret = ownSecret ?? defaults.webhookSecret;
  return {
    root,
    apps,
    environment: { ...env, WARREN_CONFIG: config, GITHUB_WEBHOOK_SECRET: webhookSecret },
    webhookSecret,
    webhookSecretIsDefault: ownSecret === undefined,
  };
}

/** The file that runs an app. */
export function entryOf(root: string, app: string): string {
  return join(root, "apps", app, "src", "main.ts");
}

function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** A variable that is set to nothing counts as not set. */
function given(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const value = env[name];
  return value === "" ? undefined : value;
}
