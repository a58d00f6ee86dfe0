import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

const LOWEST = 20_000;
const ATTEMPTS_PER_PORT = 50;

/**
 * Free TCP ports outside the range the system gives to outgoing connections. Inside it, a client that reconnects to a stopped
 * broker could be given the broker's own port as its source port, and the broker could not come back on it.
 *
 * @param preferred ports to take when they are free
 */
export async function freePorts(count: number, preferred: readonly number[] = []): Promise<number[]> {
  const ports: number[] = [];
  for (let index = 0; index < count; index++) {
    let port = preferred[index] ?? candidate();
    for (let attempt = 0; ports.includes(port) || !(await isFree(port)); attempt++) {
      if (attempt === ATTEMPTS_PER_PORT) throw new Error(`no free TCP port found from ${LOWEST} on`);
      port = candidate();
    }
    ports.push(port);
  }
  return ports;
}

function candidate(): number {
  return randomInt(LOWEST, firstOutgoingPort());
}

function firstOutgoingPort(): number {
  try {
    const first = Number(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").trim().split(/\s+/)[0]);
    return first > LOWEST + 1_000 ? first : 65_535;
  } catch {
    return 49_152;
  }
}

/** Free on every interface: a container's port is bound on all of them. */
async function isFree(port: number): Promise<boolean> {
  for (const host of ["127.0.0.1", "0.0.0.0"]) {
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once("error", () => resolve(false));
      server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
    });
    if (!free) return false;
  }
  return true;
}
