import { patternFault, topicFault } from "@warren/events";
import * as z from "zod";
import { age, durationMs, size } from "./units.ts";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

const pattern = z.string().superRefine((value, context) => {
  const fault = patternFault(value);
  if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
});

const topic = z.string().superRefine((value, context) => {
  const fault = topicFault(value);
  if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
});

const namespaceName = z.string().regex(/^\/[^\s?#,]*$/, 'expected a namespace like "/chat"');
const exchangeName = z
  .string()
  .regex(
    /^(?!amq\.)[\w.:-]{1,200}$/,
    'expected an exchange name of letters, digits, and . _ : - that does not begin with "amq."',
  );

/** How much of an exchange's past its log keeps. What is older than either bound goes, a whole segment at a time. */
export const logSchema = z.strictObject({
  maxAge: age.default("7D"),
  maxBytes: size.default(GIB),
  segmentBytes: size.default(16 * MIB),
});

/** Which events count as one: those with one id, within both of these. */
export const dedupeSchema = z.strictObject({
  window: durationMs.default(120_000),
  /** Unit: records of the log. What a gateway must read before any place in the log, to know what repeats there. */
  events: z.int().min(1).max(1_000_000).default(20_000),
});

export const namespaceSchema = z.strictObject({
  /** The topic exchange behind the namespace. */
  exchange: exchangeName,
  /** How much of the past is kept. Namespaces of one exchange share its log, so they must say the same, or leave it out. */
  log: logSchema.optional(),
  /** An event with an id that the log holds already is delivered once. Of the exchange, like its log. */
  dedupe: dedupeSchema.optional(),
  /** `false`: the exchange is somebody else's and must exist already; the gateway only binds its log to it. */
  declare: z.boolean().default(true),
  /** Whether clients without a token may connect. Until the gateway knows tokens, no others can. */
  anonymous: z.boolean().default(false),
  /** Patterns of a client that names none. */
  defaultTopics: z.array(pattern).max(100).default([]),
  /** Patterns that cover all a client may subscribe to. */
  subscribe: z.array(pattern).max(100).default(["#"]),
  /** Patterns of the topics a client may publish to; none: clients only listen. */
  publish: z.array(pattern).max(100).default(["#"]),
  /** Where an emitted event of a type goes when the emit itself names no topic. */
  emit: z.record(z.string(), z.strictObject({ topic })).default({}),
});

export const limitsSchema = z.strictObject({
  /** Unit: sockets of all namespaces together. */
  maxConnections: z.int().min(1).default(20_000),
  /** Unit: bytes of one published body. Eight times as much closes the connection instead of answering. */
  maxPayload: size.default(MIB),
  /** Unit: patterns of one socket. */
  subscriptionsPerSocket: z.int().min(1).default(100),
  /** Unit: publishes of one socket that wait for the broker's confirm. */
  publishesInFlight: z.int().min(1).default(100),
  /** Unit: records of the log, matched or not, that one replay may read. */
  replayEvents: z.int().min(1).default(1_000_000),
  /** Unit: clients that came with a position and are not live yet; while there are as many, new connections are turned away. */
  catchingUp: z.int().min(1).default(1_000),
  /** Unit: readings of one log's past at once; more wait their turn. */
  replayReaders: z.int().min(1).max(500).default(8),
  /** Unit: bytes of the past kept in memory, per log, for clients that ask for the same. */
  replayBytes: size.default(32 * MIB),
  /** Unit: bytes that may wait for one socket before it leaves the live path and is served from the log. */
  socketBudget: size.default(MIB),
  /** Unit: bytes of recent events held in memory, per log. */
  ringBytes: size.default(64 * MIB),
});

/** The gateway's configuration file, defaults filled in. */
export const gatewayFileSchema = z.strictObject({
  namespaces: z
    .record(namespaceName, namespaceSchema)
    .refine((namespaces) => Object.keys(namespaces).length > 0, "expected at least one namespace"),
  limits: limitsSchema.prefault({}),
  /** Browsers of other origins that may use HTTP long-polling; WebSocket knows no such check. */
  allowedOrigins: z
    .array(z.union([z.literal("*"), z.url()]))
    .max(100)
    .default([]),
});

export type GatewayFile = z.infer<typeof gatewayFileSchema>;
export type NamespaceConfig = z.infer<typeof namespaceSchema>;
export type DedupeConfig = z.infer<typeof dedupeSchema>;
export type LogConfig = z.infer<typeof logSchema>;
export type Limits = z.infer<typeof limitsSchema>;
