import { ConnectionLost } from "./errors.ts";

/** The parts of a message that a broker's complaint can name. */
export interface Suspect {
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: Buffer;
}

/** A channel or connection that the broker closed because of something that was published on it. */
export interface Refusal {
  /** AMQP reply code, as 404. */
  readonly replyCode: number;
  /** The broker's words. */
  readonly replyText: string;
  /** The whole connection was closed: as well a fault of the broker as of a message. */
  readonly connection: boolean;
}

/** Undefined where the loss has nothing to do with what was published. */
export function refusalOf(reason: Error): Refusal | undefined {
  const connection = reason instanceof ConnectionLost;
  const cause = reason.cause as (Error & { code?: unknown }) | undefined;
  const replyCode = cause?.code;
  // 200 and 320 are an operator's or a shutdown's; a socket's error has a name for a code.
  if (typeof replyCode !== "number" || replyCode < 400) return undefined;
  const replyText = /with message "(.*)"$/s.exec(cause?.message ?? "")?.[1] ?? cause?.message ?? "";
  return { replyCode, replyText, connection };
}

/** Whether the broker's words name this message; undefined where they name none at all. */
export function accused(refusal: Refusal): ((suspect: Suspect) => boolean) | undefined {
  const { replyText } = refusal;
  const size = /message size (\d+)/.exec(replyText)?.[1];
  if (size !== undefined) return (suspect) => suspect.body.length === Number(size);
  const exchange = /exchange '([^']*)'/.exec(replyText)?.[1];
  if (exchange === undefined) return undefined;
  const topic = /topic '([^']*)'/.exec(replyText)?.[1];
  return (suspect) => suspect.exchange === exchange && (topic === undefined || suspect.routingKey === topic);
}

/** Unit: bytes. The largest body the broker takes, where it said so while refusing a larger one. */
export function sizeLimit(refusal: Refusal): number | undefined {
  const limit = /message size \d+ is larger than (?:configured )?max size (\d+)/.exec(refusal.replyText)?.[1];
  return limit === undefined ? undefined : Number(limit);
}
