/** What went wrong, as a gateway or the client says it. */
export interface Fault {
  readonly code: string;
  /** One sentence that names the thing that is wrong. */
  readonly message: string;
  /** Whether the same thing, tried again, may succeed. */
  readonly retryable: boolean;
}

/** Reads a fault from whatever was thrown. */
export function faultOf(error: unknown): Fault {
  const { code, retryable } = (typeof error === "object" && error !== null ? error : {}) as Partial<Fault>;
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: typeof code === "string" ? code : "INTERNAL",
    message: message === "" ? "No reason was given." : message,
    retryable: retryable === true,
  };
}

/** What the reader can do about it, as one sentence. */
export function advice(fault: Fault): string {
  return ADVICE[fault.code] ?? (fault.retryable ? "Try again in a moment." : "The gateway's log says more.");
}

const ADVICE: Record<string, string> = {
  NAMESPACE_UNKNOWN: "Add the namespace to gateway.yaml, start the gateway again, then try again.",
  AUTH_REQUIRED: "Mark the namespace `anonymous: true` in gateway.yaml; this page has no token to show.",
  FORBIDDEN: "Permit this topic to anonymous clients in gateway.yaml, then try again.",
  POSITION_INVALID: "Forget the kept position; the page then begins live.",
  CONNECT_FAILED: "Check that the gateway runs; the page comes back by itself.",
  CONNECT_TIMEOUT: "Check that the gateway runs; the page comes back by itself.",
  CONNECTIONS_EXCEEDED: "Close another page, or raise the gateway's limit.",
  PAYLOAD_TOO_LARGE: "Say it in several shorter messages.",
  BUFFER_FULL: "Wait until what was sent is confirmed, then retry.",
  UNROUTABLE: "Check that the exchange still has its log, then retry.",
  BROKER_UNAVAILABLE: "Check that RabbitMQ runs; the page comes back by itself.",
  BROKER_REFUSED: "The broker's log says why.",
  STORE_FAILED: "Let this page keep data; until then a reload begins live.",
};
