import type { OutgoingMessage } from "@warren/amqp";
import { CodedError } from "@warren/events";
import { Counter, Histogram, type Registry } from "@warren/service";

export type Publish = (message: OutgoingMessage) => Promise<void>;

/** Counts what becomes of each publish, and times the confirmed ones. */
export function measurePublishes(registry: Registry, publish: Publish): Publish {
  const outcomes = new Counter({
    name: "warren_producer_publishes_total",
    help: "Messages by exchange and by what became of them: confirmed, or the error's code.",
    labelNames: ["exchange", "outcome"],
    registers: [registry],
  });
  const confirmSeconds = new Histogram({
    name: "warren_producer_confirm_seconds",
    help: "From the publish to the broker's confirm.",
    labelNames: ["exchange"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  return async (message) => {
    const { exchange } = message;
    const end = confirmSeconds.startTimer({ exchange });
    try {
      await publish(message);
    } catch (error) {
      outcomes.inc({ exchange, outcome: error instanceof CodedError ? error.code : "INTERNAL" });
      throw error;
    }
    end();
    outcomes.inc({ exchange, outcome: "confirmed" });
  };
}
