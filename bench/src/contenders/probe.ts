import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Unit: bytes. */
export interface MemoryReading {
  readonly heap: number;
  /** Of buffers and other memory outside of the heap. */
  readonly external: number;
  readonly resident: number;
}

// Loaded into every Node server before its own code: answers how much memory it holds once garbage is gone.
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

process.on("message", (message: { probe?: string }) => {
  if (message.probe !== "memory") return;
  collect();
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send!({ probe: "memory", heap: heapUsed, external, resident: rss } satisfies MemoryReading & {
    probe: string;
  });
});
process.channel?.unref();
