import type { EventMeta, Gap, Ready } from "@warren/events";
import { io, type Socket } from "socket.io-client";
import { identify } from "../load/publication.ts";
import { CampaignClient, type ClientPlan } from "./client.ts";

const CONNECT_TIMEOUT_MS = 5_000;

/** A plain Socket.IO client that keeps its position itself, as docs/protocol.md says: a few lines, and no SDK. */
export class PlainClient extends CampaignClient {
  readonly kind: string;
  readonly #transports: string[];
  #socket: Socket | undefined;
  #position = "now";
  #comingBack: NodeJS.Timeout | undefined;

  constructor(plan: ClientPlan, gateway: number, transports: string[]) {
    super(plan, gateway);
    this.kind = `plain, ${transports.join(" then ")}`;
    this.#transports = transports;
  }

  get begun(): boolean {
    return this.#position !== "now";
  }

  connect(): void {
    const socket: Socket = io(this.url, {
      auth: (give) => {
        // socket.io-client hands out what arrived in the turn of a disconnect only once it is connected again, which is
        // after it said where it stands: the gateway sends it anew.
        socket.receiveBuffer = [];
        give({ topics: this.plan.patterns, position: this.#position });
      },
      query: { client: this.name },
      forceNew: true,
      reconnectionDelay: 50,
      reconnectionDelayMax: 1_000,
      timeout: CONNECT_TIMEOUT_MS,
      transports: this.#transports,
    });
    this.#socket = socket;
    socket.onAny((type: string, data: unknown, meta: EventMeta) => {
      if (type.startsWith("warren:")) this.#control(type, data);
      else this.#event(data, meta);
    });
    socket.on("disconnect", (reason) => {
      this.history.note(`disconnected: ${reason}`);
      if (reason === "io server disconnect") this.#again(500);
    });
    socket.on("connect_error", (error) => {
      const { data } = error as Error & { data?: { code: string; retryable: boolean; retryAfterMs?: number } };
      this.history.note(`not connected: ${data?.code ?? error.message}`);
      if (data?.retryable === true) this.#again(data.retryAfterMs ?? 1_000);
    });
  }

  cut(): void {
    this.history.note("cuts its connection");
    this.#socket?.io.engine?.close();
  }

  leave(): void {
    this.history.note("leaves");
    clearTimeout(this.#comingBack);
    this.#socket?.disconnect();
  }

  comeBack(): void {
    this.history.note(`comes back from ${this.#position}`);
    this.#socket?.connect();
  }

  async move(gateway: number): Promise<void> {
    this.leave();
    this.#socket?.removeAllListeners();
    this.#socket?.offAny();
    this.gateway = gateway;
    this.history.note(`moves to gateway ${gateway} from ${this.#position}`);
    this.connect();
  }

  /** Stops reading from its own socket, where it has a WebSocket. Returns how to read on, if so. */
  stopReading(): (() => void) | undefined {
    const transport = this.#socket?.io.engine?.transport as
      | { ws?: { pause?: () => void; resume?: () => void } }
      | undefined;
    const ws = transport?.ws;
    if (ws?.pause === undefined) return undefined;
    this.history.note("stops reading");
    ws.pause();
    return () => {
      this.history.note("reads on");
      ws.resume?.();
    };
  }

  async close(): Promise<void> {
    this.leave();
    this.#socket?.offAny();
  }

  #again(afterMs: number): void {
    clearTimeout(this.#comingBack);
    this.#comingBack = setTimeout(() => this.#socket?.connect(), afterMs);
  }

  #control(type: string, data: unknown): void {
    if (type === "warren:gap") {
      const gap = data as Gap;
      this.history.note(`gap ${JSON.stringify(gap)}`);
      this.ledger.gap(gap);
      this.#position = gap.to;
      return;
    }
    const { position } = data as { position?: string };
    if (type === "warren:ready") {
      const { status } = data as Ready;
      this.connections++;
      this.history.note(`ready, ${status}, at ${position}`);
      if (this.#position === "now") this.ledger.begin(position!);
    } else {
      this.history.note(`${type} ${position ?? ""}`);
    }
    this.#position = position ?? this.#position;
  }

  #event(data: unknown, { position, topic }: EventMeta): void {
    this.history.event(position);
    this.ledger.event({ position, topic: this.plan.topicNumber(topic), number: identify(data) });
    this.#position = position;
  }
}
