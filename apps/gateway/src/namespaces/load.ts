import { readFileSync } from "node:fs";
import { ConfigError } from "@warren/service";
import { LineCounter, parseDocument, type Document } from "yaml";
import type * as z from "zod";
import {
  dedupeSchema,
  gatewayFileSchema,
  logSchema,
  type DedupeConfig,
  type GatewayFile,
  type Limits,
  type LogConfig,
  type NamespaceConfig,
} from "./schema.ts";

/** One namespace, everything about it decided. */
export interface Namespace extends Omit<NamespaceConfig, "log" | "dedupe"> {
  readonly name: string;
  readonly log: LogConfig;
  readonly dedupe: DedupeConfig;
}

/** What the configuration file says, checked and with its defaults filled in. */
export interface Bridge {
  readonly namespaces: readonly Namespace[];
  readonly limits: Limits;
  readonly allowedOrigins: readonly string[];
}

/** Reads and checks the gateway's YAML file. Throws one ConfigError with every fault, each with its line. */
export function loadBridge(file: string): Bridge {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigError([
      `WARREN_CONFIG: cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`,
    ]);
  }
  return parseBridge(text, file);
}

/** As `loadBridge`, from text. `file` only names it in faults. */
export function parseBridge(text: string, file: string): Bridge {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.map((error) => `${file}:${lines.linePos(error.pos[0]).line}: no valid YAML: ${error.message}`),
    );
  }
  const where = (path: readonly PropertyKey[]): string => `${file}:${lineOf(document, lines, path)}: ${spell(path)}`;
  const parsed = gatewayFileSchema.safeParse(document.toJS() ?? {});
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.flatMap((issue) => describe(issue).map(([path, fault]) => `${where(path)}: ${fault}`)),
    );
  }
  return decide(parsed.data, where);
}

/** What belongs to an exchange, so that all its namespaces must say the same of it, or leave it out. */
const OF_THE_EXCHANGE = ["log", "dedupe"] as const;

function decide(file: GatewayFile, where: (path: readonly PropertyKey[]) => string): Bridge {
  const faults: string[] = [];
  const exchanges = new Map<string, { name: string } & Pick<NamespaceConfig, "log" | "dedupe" | "declare">>();
  for (const [name, { exchange, log, dedupe, declare }] of Object.entries(file.namespaces)) {
    const own = { log, dedupe };
    const known = exchanges.get(exchange);
    if (known === undefined) {
      exchanges.set(exchange, { name, declare, ...own });
      continue;
    }
    for (const key of OF_THE_EXCHANGE) {
      if (own[key] === undefined || known[key] === undefined || same(own[key], known[key])) continue;
      const [one, other] = [JSON.stringify(known[key]), JSON.stringify(own[key])];
      faults.push(
        `${where(["namespaces", name, key])}: exchange "${exchange}" has one ${key}, but "${known.name}" asks for ${one} and "${name}" for ${other}`,
      );
    }
    if (declare !== known.declare) {
      faults.push(
        `${where(["namespaces", name, "declare"])}: exchange "${exchange}" is declared by "${known.name}" otherwise`,
      );
    }
    known.log ??= log;
    known.dedupe ??= dedupe;
  }
  if (faults.length > 0) throw new ConfigError(faults);
  const namespaces = Object.entries(file.namespaces).map(([name, namespace]) => {
    const { log, dedupe } = exchanges.get(namespace.exchange)!;
    return { ...namespace, name, log: log ?? logSchema.parse({}), dedupe: dedupe ?? dedupeSchema.parse({}) };
  });
  return { namespaces, limits: file.limits, allowedOrigins: file.allowedOrigins };
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** One line per fault: zod reports unknown keys of one object together. */
function describe(issue: z.core.$ZodIssue): [path: readonly PropertyKey[], fault: string][] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => [[...issue.path, key], "unknown key"]);
  }
  if (issue.code === "invalid_key") {
    return [[issue.path, issue.issues.map(({ message }) => message).join("; ")]];
  }
  return [[issue.path, issue.message.replace(/^Invalid input: /, "")]];
}

function spell(path: readonly PropertyKey[]): string {
  return path.length === 0 ? "the file" : path.map(String).join(" > ");
}

/** The line of the node at `path`, or of the nearest node above it that exists. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined;
    if (node?.range !== undefined) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
