import type { DestinationStream } from "pino";
import { PinoPretty } from "pino-pretty";

/** Synchronous and in this thread, so that the last line before an exit is written too. */
export function pinoPretty(destination?: NodeJS.WritableStream): DestinationStream {
  return PinoPretty({
    sync: true,
    ignore: "pid,hostname",
    translateTime: "SYS:HH:MM:ss.l",
    colorize: destination === undefined,
    ...(destination === undefined ? {} : { destination: destination }),
  });
}
