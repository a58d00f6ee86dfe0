import type { Server as HttpServer } from "node:http";
import type { Publisher } from "@warren/amqp";
import { clientError, CodedError, type ClientError } from "@warren/events";
import type { Logger } from "@warren/service";
import { Server, type Namespace as SocketNamespace, type Socket } from "socket.io";
import { anonymousPermissions, type Permissions } from "./auth/permissions.ts";
import { turnAway } from "./auth/turn-away.ts";
import { admit, type Admission } from "./auth/handshake.ts";
import type { Feed } from "./fanout/feed.ts";
import { Door } from "./ingress/door.ts";
import { toClientError } from "./ingress/publish.ts";
import type { Bridge, Namespace } from "./namespaces/load.ts";
import { Session } from "./recovery/session.ts";

/** Past this multiple of `maxPayload` a message is not even read: the connection is closed. */
const HARD_PAYLOAD_FACTOR = 8;
/** Unit: milliseconds. Clients of a gateway that goes away come back spread over this time. */
const CLOSING_SPREAD_MS = 5_000;
/** Unit: milliseconds. */
const RETRY_AFTER_MS = 5_000;

export interface GateOptions {
  readonly server: HttpServer;
  readonly bridge: Bridge;
  /** By exchange. */
  readonly feeds: ReadonlyMap<string, Feed>;
  readonly publisher: Publisher;
  readonly logger: Logger;
  /** Why nobody may come in just now, if so. */
  readonly refusal: () => ClientError | undefined;
}

type EngineSocket = Socket["conn"];

interface Visit {
  readonly session: Session;
  readonly door: Door;
}

/** Where Socket.IO clients come in: one Socket.IO namespace for each one configured, and a coded refusal for the rest. */
export class Gate {
  readonly #options: GateOptions;
  readonly #io: Server;
  readonly #visits = new Map<Socket, Visit>();
  /** Connections that have not asked for a namespace yet: each may be one more to catch up. */
  readonly #arriving = new Set<EngineSocket>();
  /** Sockets that came with a position and are not live yet. */
  readonly #catchingUp = new Set<Socket>();

  constructor(options: GateOptions) {
    this.#options = options;
    const { limits, allowedOrigins } = options.bridge;
    this.#io = new Server(options.server, {
      maxHttpBufferSize: limits.maxPayload * HARD_PAYLOAD_FACTOR,
      perMessageDeflate: false,
      httpCompression: { threshold: 4096 },
      cleanupEmptyChildNamespaces: true,
      ...(allowedOrigins.length === 0
        ? {}
        : { cors: { origin: allowedOrigins.includes("*") ? "*" : [...allowedOrigins] } }),
    });
    turnAway(this.#io.engine, () => this.#refusal());
    this.#io.engine.on("connection", (connection: EngineSocket) => {
      this.#arriving.add(connection);
      connection.once("close", () => this.#arriving.delete(connection));
    });
    const configured = new Map(options.bridge.namespaces.map((namespace) => [namespace.name, namespace]));
    for (const namespace of configured.values()) this.#open(this.#io.of(namespace.name), namespace);
    // "/" always exists in Socket.IO; any other name is caught here, since Socket.IO's own refusal carries no code.
    if (!configured.has("/")) this.#refuseAll(this.#io.of("/"));
    this.#refuseAll(this.#io.of((_name, _auth, next) => next(null, true)));
  }

  /** Sockets of all namespaces. */
  get connections(): number {
    return this.#visits.size;
  }

  /** Names of the Socket.IO namespaces that exist now. */
  get namespaces(): string[] {
    return [...this.#io._nsps.keys()];
  }

  /** Why no new connection is taken just now, if so. */
  #refusal(): ClientError | undefined {
    const { refusal, bridge } = this.#options;
    const { catchingUp } = bridge.limits;
    if (this.#catchingUp.size + this.#arriving.size < catchingUp) return refusal();
    return clientError("BUSY", `${catchingUp} clients are catching up already`, RETRY_AFTER_MS * Math.random());
  }

  #refuseAll(namespace: Pick<SocketNamespace, "use">): void {
    namespace.use((socket, next) => {
      next(refusal(new CodedError("NAMESPACE_UNKNOWN", `no namespace "${socket.nsp.name.slice(0, 100)}" here`)));
    });
  }

  #open(io: SocketNamespace, namespace: Namespace): void {
    const admissions = new WeakMap<Socket, Admission>();
    const anonymous = anonymousPermissions(namespace);
    io.use((socket, next) => {
      try {
        admissions.set(socket, this.#admit(socket, namespace, anonymous));
        next();
      } catch (error) {
        next(refusal(error));
      }
    });
    io.on("connection", (socket) => this.#welcome(socket, namespace, admissions.get(socket)!));
  }

  #admit(socket: Socket, namespace: Namespace, anonymous: Permissions): Admission {
    const { bridge } = this.#options;
    this.#arriving.delete(socket.conn);
    if (this.connections >= bridge.limits.maxConnections) {
      throw new CodedError(
        "CONNECTIONS_EXCEEDED",
        `this gateway holds ${bridge.limits.maxConnections} connections already`,
        { retryAfterMs: RETRY_AFTER_MS },
      );
    }
    return admit(socket.handshake.auth, namespace, bridge.limits, anonymous);
  }

  #welcome(socket: Socket, namespace: Namespace, { patterns, permissions, from }: Admission): void {
    const { bridge, feeds, publisher, logger } = this.#options;
    const { limits } = bridge;
    const feed = feeds.get(namespace.exchange)!;
    const budgetBytes = limits.socketBudget;
    const session = new Session({
      socket,
      feed,
      patterns,
      budgetBytes,
      replayRecords: limits.replayEvents,
      onLive: () => this.#catchingUp.delete(socket),
      logger,
    });
    if (from !== "now") this.#catchingUp.add(socket);
    const door = new Door({ socket, session, feed, namespace, limits, permissions, publisher, logger });
    this.#visits.set(socket, { session, door });
    socket.on("disconnect", () => {
      session.close();
      this.#visits.delete(socket);
      this.#catchingUp.delete(socket);
    });
    session.start(from);
  }

  /** Tells every client when to come back, each another moment, and answers what they published so far. */
  async drain(): Promise<void> {
    for (const socket of this.#visits.keys()) {
      socket.emit("warren:closing", { retryAfterMs: Math.floor(Math.random() * CLOSING_SPREAD_MS) });
    }
    await Promise.all([...this.#visits.values()].map(({ door }) => door.settled()));
  }

  /** Cuts every connection. */
  async close(): Promise<void> {
    await this.#io.close();
  }
}

/** What Socket.IO turns into `connect_error` with `err.data`. */
function refusal(error: unknown): Error {
  const data = toClientError(error);
  return Object.assign(new Error(data.message), { data });
}
