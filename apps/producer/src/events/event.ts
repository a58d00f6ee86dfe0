import { CodedError, topicFault, utf8Length, type ErrorCode } from "@warren/events";
import { z } from "zod";

const shortText = z
  .string({ error: (issue) => `expected text, got ${typeName(issue.input)}` })
  .refine((text) => text.isWellFormed() && text.length > 0 && utf8Length(text) <= 255, {
    error: (issue) => `expected 1-255 bytes of text, got ${utf8Length(String(issue.input))}`,
  });

const topic = z
  .unknown()
  .superRefine((value, context) => {
    const fault = topicFault(value);
    if (fault !== undefined) context.addIssue(fault);
  })
  .transform(String);

const headerValue = z.union([z.string(), z.number(), z.boolean()], { error: "expected text, a number or a boolean" });

/** One event as JSON: the body of `POST /events/:exchange`, and, with an `exchange`, a line of a replayed file. */
const event = z.strictObject({
  topic,
  type: shortText.optional(),
  id: shortText.optional(),
  headers: z
    .record(shortText, headerValue, { error: (issue) => `expected an object, got ${typeName(issue.input)}` })
    .optional(),
  data: z.unknown(),
});
const line = event.extend({ exchange: shortText.optional() });

export type Event = z.infer<typeof event>;
export type EventLine = z.infer<typeof line>;

/** @throws CodedError naming every fault; its code is the field's own where only one is wrong */
export function readEvent(value: unknown): Event {
  return read(event, value);
}

/** See readEvent. */
export function readEventLine(value: unknown): EventLine {
  return read(line, value);
}

const CODES: Readonly<Record<string, ErrorCode>> = {
  topic: "TOPIC_INVALID",
  type: "TYPE_INVALID",
  id: "ID_INVALID",
  headers: "HEADERS_INVALID",
};

function read<T>(schema: z.ZodType<T>, value: unknown): T {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new CodedError(
      "PAYLOAD_INVALID",
      `Expected an object { topic, type?, id?, headers?, data }, got ${typeName(value)}.`,
    );
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.flatMap((issue) => issueFaults(issue, value));
  const fields = new Set(faults.map((fault) => fault.field));
  const code = fields.size === 1 ? CODES[faults[0]!.field] : undefined;
  throw new CodedError(code ?? "PAYLOAD_INVALID", `${faults.map((fault) => fault.text).join("; ")}.`);
}

function issueFaults(issue: z.core.$ZodIssue, value: object): { field: string; text: string }[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ field: key, text: `${key}: unknown field` }));
  }
  const field = String(issue.path[0] ?? "");
  const text = field in value ? issue.message : "missing";
  return [{ field, text: `${issue.path.join(".")}: ${text}` }];
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
