import { createAdapter } from "@socket.io/redis-streams-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";
import { EVENT_TYPE, eventsOf, topicName, type Batch } from "../event.ts";

/** What the parent asks of this process, after it was started with its options as JSON. */
export interface SocketIoOptions {
  readonly port: number;
  readonly recovery: boolean;
  /** Port of a Redis whose streams hold what was sent. */
  readonly redisPort: number | undefined;
}

const RECOVERY_MS = 120_000;
/** Of the adapter: more than any scenario publishes, so that nothing is lost to trimming. */
const STREAM_RECORDS = 200_000;

const { port, recovery, redisPort } = JSON.parse(process.argv[2]!) as SocketIoOptions;

async function adapter(): Promise<ReturnType<typeof createAdapter> | undefined> {
  if (redisPort === undefined) return undefined;
  const client = createClient({ url: `redis://127.0.0.1:${redisPort}` });
  await client.connect();
  return createAdapter(client, { maxLen: STREAM_RECORDS });
}

const streams = await adapter();
const io = new Server(port, {
  ...(recovery ? { connectionStateRecovery: { maxDisconnectionDuration: RECOVERY_MS, skipMiddlewares: true } } : {}),
  ...(streams === undefined ? {} : { adapter: streams }),
});

io.on("connection", (socket) => {
  const { topic } = socket.handshake.auth as { topic: string };
  if (!socket.recovered) void socket.join(topic);
});

process.on("message", ({ batch }: { batch?: Batch }) => {
  if (batch === undefined) return;
  for (const { topic, text } of eventsOf(batch)) io.to(topicName(topic)).emit(EVENT_TYPE, text);
  process.send!({ published: true });
});
process.send!({ listening: true });
