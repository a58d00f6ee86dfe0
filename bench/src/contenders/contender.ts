import type { DialectName } from "../clients/dialect.ts";
import type { Batch } from "../event.ts";
import type { MemoryReading } from "./probe.ts";

/** One way of bringing events to clients, as processes that can be measured, killed and started again. */
export interface Contender {
  readonly name: string;
  readonly dialect: DialectName;
  readonly port: number;
  /** Of the process that holds the clients' connections. */
  serverPids(): readonly number[];
  /** Of the processes that stand behind it: broker or database. */
  behindPids(): readonly number[];
  /** Publishes all of a batch in one turn. Resolves when it was taken: confirmed, or handed to the server. */
  publish(batch: Batch): Promise<void>;
  /** SIGKILL to the process that holds the connections. */
  kill(): Promise<void>;
  /** Starts that process again. Resolves when it is ready for clients. */
  restart(): Promise<void>;
  /** Whether an event can be published while that process is gone. */
  readonly publishesWhileKilled: boolean;
  memory(): Promise<MemoryReading>;
  close(): Promise<void>;
}

/** Thrown where a contender cannot be had on this machine. */
export class NotHere extends Error {
  override readonly name = "NotHere";
}
