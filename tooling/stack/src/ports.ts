import { once } from "node:events";
import { createServer } from "node:net";
import type { App } from "./config.ts";

/** One sentence for each app whose port something else listens on, and what to do about it. */
export async function takenPorts(apps: readonly App[]): Promise<string[]> {
  const faults: string[] = [];
  for (const app of apps) {
    const reason = await refusal(app.port);
    if (reason === undefined) continue;
    const instead = app.port <= 65_435 ? app.port + 100 : app.port - 100;
    const start = `start with ${app.portVariable}=${app.port < 1024 ? instead + 3000 : instead} npm start`;
    faults.push(
      reason === "EACCES"
        ? `port ${app.port} is not for this user (${app.portVariable}): ${start}`
        : `port ${app.port} is taken (${app.portVariable}): stop what listens there, or ${start}`,
    );
  }
  return faults;
}

/** The code of the error with which listening on the port fails, on every interface or on the loopback one alone. */
async function refusal(port: number): Promise<string | undefined> {
  for (const host of [undefined, "127.0.0.1"]) {
    const server = createServer();
    try {
      server.listen({ port, host, exclusive: true });
      await once(server, "listening");
    } catch (error) {
      return error instanceof Error && "code" in error ? String(error.code) : "EADDRINUSE";
    }
    server.close();
    await once(server, "close");
  }
  return undefined;
}
