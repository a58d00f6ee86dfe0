import { createReadStream } from "node:fs";
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PAGE = fileURLToPath(new URL("index.html", import.meta.url));
const CLIENT = join(
  dirname(createRequire(import.meta.url).resolve("socket.io-client/package.json")),
  "dist/socket.io.js",
);

/** The tutorial's page at an address of its own, with the gateway behind the same origin, as a reverse proxy has it. */
export interface TutorialSite {
  readonly url: string;
  /** From now on nothing that the gateway says reaches the windows connected now: their answers are lost. */
  loseAnswers(): void;
  close(): Promise<void>;
}

/** Serves the page and Socket.IO's client, and hands everything else, upgrades too, to the gateway; 502 where that is gone. */
export async function serveTutorial(gatewayPort: number): Promise<TutorialSite> {
  const tunnels = new Set<Socket>();
  const answers = new Map<Socket, Socket>();
  const server = createServer((request, response) => {
    const path = request.url!.split("?")[0];
    if (path === "/") send(response, "text/html; charset=utf-8", PAGE);
    else if (path === "/socket.io/socket.io.js") send(response, "text/javascript; charset=utf-8", CLIENT);
    else pass(request, response, gatewayPort);
  });
  server.on("upgrade", (request, socket: Socket, head) => {
    const gateway = connect(gatewayPort, "127.0.0.1");
    for (const [end, other] of [
      [socket, gateway],
      [gateway, socket],
    ] as const) {
      tunnels.add(end);
      end.on("error", () => {});
      end.on("close", () => {
        tunnels.delete(end);
        other.destroy();
      });
      end.pipe(other);
    }
    answers.set(gateway, socket);
    gateway.on("close", () => answers.delete(gateway));
    gateway.write(`${headOf(request)}\r\n\r\n`);
    gateway.write(head);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    loseAnswers() {
      for (const [gateway, socket] of answers) gateway.unpipe(socket).resume();
    },
    async close() {
      for (const tunnel of tunnels) tunnel.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(response: ServerResponse, type: string, file: string): void {
  response.writeHead(200, { "content-type": type });
  createReadStream(file).pipe(response);
}

function pass(request: IncomingMessage, response: ServerResponse, port: number): void {
  const { method, url: path, headers } = request;
  const onward = forward({ host: "127.0.0.1", port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.on("error", () => response.destroy());
    answer.pipe(response);
  });
  onward.on("error", () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end();
  });
  response.on("close", () => onward.destroy());
  request.pipe(onward);
}

/** The head of a request, as it came. */
function headOf({ method, url, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  return lines.join("\r\n");
}
