import { parts, type RawChannel, type RawConfirmChannel } from "./amqplib-parts.ts";
import { ChannelClosed, type ConnectionLost } from "./errors.ts";
import type { Link } from "./link.ts";

export interface ChannelListener {
  /** Exactly once, whoever ended the channel: the broker, the loss of the link, or ourselves. */
  closed(reason: ChannelClosed | ConnectionLost): void;
  /** A callback of ours threw inside amqplib; the channel goes on. */
  threw(error: unknown): void;
}

/** Opens a channel. Rejects when it cannot be had; `closed` is told in that case, too. */
export async function openChannel(link: Link, listener: ChannelListener): Promise<RawChannel> {
  const channel = new parts.Channel(link.raw);
  watch(channel, link, listener);
  await channel.open();
  return channel;
}

/** Opens a channel with publisher confirms. Rejects when it cannot be had; `closed` is told in that case, too. */
export async function openConfirmChannel(link: Link, listener: ChannelListener): Promise<RawConfirmChannel> {
  const channel = new parts.ConfirmChannel(link.raw);
  watch(channel, link, listener);
  await channel.open();
  await channel.rpc(parts.defs.ConfirmSelect, { nowait: false }, parts.defs.ConfirmSelectOk);
  return channel;
}

/** Closes a channel whatever state it is in, waiting for the broker's answer no longer than `timeoutMs`. */
export async function closeChannel(channel: RawChannel, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
  await Promise.race([channel.close().catch(() => {}), late]);
  clearTimeout(timer);
}

// An `error` event without a listener would take the connection down; amqplib follows each by a `close`.
function watch(channel: RawChannel, link: Link, listener: ChannelListener): void {
  let error: ChannelError | undefined;
  channel.on("error", (reason: ChannelError) => (error = reason));
  channel.on("close", () => listener.closed(closeReason(link, error)));
  channel.on("handler-error", (thrown: unknown) => listener.threw(thrown));
}

type ChannelError = Error & { readonly code?: number };

function closeReason(link: Link, error: ChannelError | undefined): ChannelClosed | ConnectionLost {
  if (error !== undefined)
    return new ChannelClosed(`the broker closed the channel: ${error.message}`, error.code, { cause: error });
  return link.lost ?? new ChannelClosed("the channel was closed");
}
