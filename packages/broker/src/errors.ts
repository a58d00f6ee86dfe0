/**
 * - `BROKER_NONE`: no rung of the ladder could give a broker.
 * - `BROKER_START_FAILED`: a broker was to be had, but did not come up.
 * - `BROKER_IN_USE`: another process runs a node on the same data folder.
 * - `BROKER_UNREACHABLE`: the broker (or the keeper of its node) does not answer.
 * - `MANAGEMENT_REFUSED`: the management API answered with an error.
 * - `FAULT_UNAVAILABLE`: this kind of broker cannot be given this fault.
 */
export type BrokerErrorCode =
  | "BROKER_NONE"
  | "BROKER_START_FAILED"
  | "BROKER_IN_USE"
  | "BROKER_UNREACHABLE"
  | "MANAGEMENT_REFUSED"
  | "FAULT_UNAVAILABLE";

export class BrokerError extends Error {
  readonly code: BrokerErrorCode;

  constructor(code: BrokerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "BrokerError";
    this.code = code;
  }
}

/** Thrown by a fault that this kind of broker cannot be given: a broker behind a URL is not ours to stop. */
export class FaultUnavailable extends BrokerError {
  constructor(fault: string, reason: string) {
    super("FAULT_UNAVAILABLE", `${fault}: ${reason}`);
    this.name = "FaultUnavailable";
  }
}
