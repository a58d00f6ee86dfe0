import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** The network between clients and a gateway, where it can be broken in every way a network breaks. */
export class Wire {
  /** Port of the gateway that a new connection is led to. */
  target: number;
  /** Whether nobody gets through. */
  down = false;
  /** Unit: bytes from the gateway, one number per connection to come, after which that connection breaks. */
  readonly breaks: number[] = [];
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  readonly #stranded = new Set<Socket>();

  private constructor(target: number) {
    this.target = target;
    this.#server = createServer((near) => this.#lead(near));
  }

  static async to(target: number): Promise<Wire> {
    const wire = new Wire(target);
    wire.#server.listen(0, "127.0.0.1");
    await once(wire.#server, "listening");
    return wire;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections that the gateway believes in and no client has any more. */
  get stranded(): number {
    return [...this.#stranded].filter((far) => !far.destroyed).length;
  }

  #lead(near: Socket): void {
    if (this.down) {
      near.destroy();
      return;
    }
    const pair = { near, far: connect(this.target, "127.0.0.1") };
    const { far } = pair;
    this.#pairs.add(pair);
    near.pipe(far);
    far.pipe(near);
    let left = this.breaks.shift() ?? Number.POSITIVE_INFINITY;
    far.on("data", (chunk: Buffer) => {
      left -= chunk.length;
      if (left <= 0) this.#end(pair);
    });
    for (const socket of [near, far]) {
      socket.on("error", () => {});
      socket.on("close", () => this.#end(pair));
    }
  }

  #end(pair: Pair): void {
    if (!this.#pairs.delete(pair)) return;
    pair.near.destroy();
    pair.far.destroy();
  }

  /** Breaks every connection; both sides notice. */
  cut(): void {
    for (const pair of this.#pairs) this.#end(pair);
  }

  /** Breaks every connection so that only the clients notice. */
  strand(): void {
    for (const pair of this.#pairs) {
      this.#pairs.delete(pair);
      this.#stranded.add(pair.far);
      pair.far.unpipe();
      pair.near.destroy();
    }
  }

  /** Nothing more reaches the clients, though every connection stays; what is under way fills the buffers between. */
  stall(): void {
    for (const { near, far } of this.#pairs) far.unpipe(near).pause();
  }

  flow(): void {
    for (const { near, far } of this.#pairs) far.pipe(near);
  }

  async close(): Promise<void> {
    this.cut();
    for (const far of this.#stranded) far.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}
