import type { EventMeta, PositionString } from "@warren/events";
import type { Fault } from "./fault.ts";
import type { ClientGap, ClientState, GatewayClient, GatewayClientOptions, Stats } from "./gateway-client.ts";
import type { KeptPosition } from "./kept-position.ts";

/**
 * How the line to one namespace stands, as the page shows it.
 *
 *   connecting  a connection is on its way
 *   replaying   connected; what was missed is arriving
 *   live        connected; events arrive as they happen
 *   lost        the connection broke; the client tries to get it back by itself
 *   cut         the reader cut it; nothing happens until the reader restores it
 *   refused     the gateway said no, and would again; nothing happens until the reader tries again
 *
 *   connecting, lost ── ready ──▶ replaying, live        replaying, live ── broken ──▶ lost
 *   connecting, lost ── refused for good ──▶ refused     any but refused ── `cut` ──▶ cut
 *   cut, refused ── `restore` ──▶ connecting             any ── `beginAnew` ──▶ connecting
 */
export type Phase = "connecting" | "replaying" | "live" | "lost" | "cut" | "refused";

export interface LineView {
  readonly phase: Phase;
  /** When it entered the phase. Unit: milliseconds since the epoch. */
  readonly since: number;
  readonly position: PositionString | undefined;
  readonly stats: Stats;
  /** The last thing that went wrong since it was last live. */
  readonly fault: Fault | undefined;
}

export interface LineOptions {
  url: string;
  topics: string[];
  from: "now" | "first";
  /** Where the position outlives the page. @default nowhere */
  kept?: KeptPosition;
  open: (options: GatewayClientOptions) => GatewayClient;
  /** Calls back soon. @default at the next frame, or after 250 ms in a hidden page */
  soon?: (callback: () => void) => void;
  onEvent(type: string, data: unknown, meta: EventMeta): void;
  onGap(gap: ClientGap): void;
  onPhase?(phase: Phase, before: Phase): void;
}

const HIDDEN_PAGE_MS = 250;

export class Line {
  readonly #options: LineOptions;
  readonly #listeners = new Set<() => void>();
  #client: GatewayClient;
  #phase: Phase = "connecting";
  #since = Date.now();
  #fault: Fault | undefined;
  #view: LineView;
  #scheduled = false;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#client = this.#openClient(options.from);
    this.#view = this.#look();
  }

  get client(): GatewayClient {
    return this.#client;
  }

  /** The same object until something changed. */
  readonly view = (): LineView => this.#view;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  cut(): void {
    if (this.#phase === "cut" || this.#phase === "refused") return;
    this.#client.disconnect();
    this.#enter("cut");
  }

  restore(): void {
    if (this.#phase !== "cut" && this.#phase !== "refused") return;
    this.#enter("connecting");
    this.#client.reconnect();
  }

  /** Ends this reading and begins another: live only, or with the first event that the log still has. */
  beginAnew(from: "now" | "first"): void {
    this.#client.close();
    // After closing: that writes the position one last time.
    this.#options.kept?.forget();
    this.#enter("connecting");
    this.#client = this.#openClient(from);
  }

  /** Shows soon what changed: a thousand events between two frames are drawn once. */
  touch(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    (this.#options.soon ?? soon)(() => {
      this.#scheduled = false;
      this.#view = this.#look();
      for (const listener of this.#listeners) listener();
    });
  }

  #openClient(from: "now" | "first"): GatewayClient {
    const { url, topics, kept, open } = this.#options;
    return open({
      url,
      topics,
      from,
      ...(kept === undefined ? {} : { store: kept }),
      onEvent: (type, data, meta) => {
        this.#options.onEvent(type, data, meta);
        this.touch();
      },
      onGap: (gap) => {
        this.#options.onGap(gap);
        this.touch();
      },
      onState: (state) => this.#heard(state),
      onFault: (fault) => {
        this.#fault = fault;
        this.touch();
      },
    });
  }

  #heard(state: ClientState): void {
    // A cut line stays cut, whatever its client still says.
    if (this.#phase === "cut") return;
    if (state !== "connecting") return this.#enter(state);
    if (this.#phase === "live" || this.#phase === "replaying") this.#enter("lost");
  }

  #enter(phase: Phase): void {
    const before = this.#phase;
    if (phase === before) return;
    this.#phase = phase;
    this.#since = Date.now();
    if (phase !== "lost" && phase !== "refused") this.#fault = undefined;
    this.#options.onPhase?.(phase, before);
    this.touch();
  }

  #look(): LineView {
    const { position, stats } = this.#client;
    return { phase: this.#phase, since: this.#since, position, stats, fault: this.#fault };
  }
}

/** A hidden page gets no frames, and its rows should be there all the same when the reader looks. */
function soon(callback: () => void): void {
  if (document.hidden) setTimeout(callback, HIDDEN_PAGE_MS);
  else requestAnimationFrame(callback);
}
