import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventsOf, topicName, type Batch } from "../event.ts";
import { descendants } from "../measure/processes.ts";
import { NotHere, type Contender } from "./contender.ts";
import { output, program } from "./debian.ts";
import type { MemoryReading } from "./probe.ts";
import { freePort, ServerProcess } from "./server-process.ts";

const MODULE = "/usr/lib/nginx/modules/ngx_nchan_module.so";

const configuration = (port: number, folder: string): string => `
load_module ${MODULE};
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log crit;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  keepalive_requests 1000000;
  nchan_shared_memory_size 256M;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location ~ /pub/(\\w+)$ {
      nchan_publisher http; nchan_channel_id $1;
      nchan_message_buffer_length 10000; nchan_message_timeout 10m;
    }
    location ~ /sub/(\\w+)$ {
      nchan_subscriber websocket; nchan_channel_id $1;
      nchan_subscriber_first_message newest;
      nchan_subscriber_last_message_id $arg_from;
    }
    location = /alive { return 204; }
  }
}
`;

/** nginx with nchan, one worker, messages in its own memory. */
export class Nchan implements Contender {
  readonly name = "nchan";
  readonly dialect = "nchan";
  readonly publishesWhileKilled = false;
  readonly port: number;
  readonly version: string;
  readonly #folder: string;
  readonly #server: ServerProcess;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  private constructor(command: string, port: number) {
    this.port = port;
    this.version = /nginx\/(\S+)/.exec(output(command, ["-v"]))?.[1] ?? "unknown";
    this.#folder = mkdtempSync(join(tmpdir(), "warren-bench-nchan-"));
    const file = join(this.#folder, "nginx.conf");
    writeFileSync(file, configuration(port, this.#folder));
    this.#server = ServerProcess.program(command, ["-c", file, "-e", join(this.#folder, "error.log")]);
  }

  /** Throws NotHere. */
  static async start(): Promise<Nchan> {
    const nchan = new Nchan(program("nginx", ["nginx-light", "libnginx-mod-nchan"], MODULE), await freePort());
    await nchan.restart().catch((error: unknown) => {
      throw new NotHere(`nginx with nchan does not start: ${String(error)}`);
    });
    return nchan;
  }

  serverPids(): readonly number[] {
    return descendants(process.pid, "nginx");
  }

  behindPids(): readonly number[] {
    return [];
  }

  async publish(batch: Batch): Promise<void> {
    for (const { topic, text } of eventsOf(batch)) await this.#post(topicName(topic), JSON.stringify(text));
  }

  kill(): Promise<void> {
    return this.#server.stop("SIGTERM");
  }

  async restart(): Promise<void> {
    this.#server.spawn();
    await this.#server.until(async () => (await fetch(`http://127.0.0.1:${this.port}/alive`)).ok);
  }

  async memory(): Promise<MemoryReading> {
    throw new NotHere("nchan has no heap to be asked for");
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await this.#server.stop("SIGTERM");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #post(topic: string, body: string): Promise<void> {
    const { port } = this;
    return new Promise((resolve, reject) => {
      const options = { port, host: "127.0.0.1", path: `/pub/${topic}`, method: "POST", agent: this.#agent };
      const asked = request(options, (answer) => {
        answer.resume();
        answer.once("end", resolve);
      });
      asked.once("error", reject);
      asked.end(body);
    });
  }
}
