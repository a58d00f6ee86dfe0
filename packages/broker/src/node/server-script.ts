import { accessSync, constants, existsSync, realpathSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";

/** Where a private node's programs are. */
export interface ServerPrograms {
  /** RabbitMQ's own start script. */
  server: string;
  ctl: string;
  epmd: string;
  /** PATH for all of them: `erl` is on it. */
  path: string;
}

const SYSTEM_DIRECTORIES = [
  "/usr/local/sbin",
  "/usr/local/bin",
  "/usr/sbin",
  "/usr/bin",
  "/sbin",
  "/bin",
  "/opt/homebrew/sbin",
  "/opt/homebrew/bin",
];
const RABBITMQ_DIRECTORIES = [
  "/usr/lib/rabbitmq/bin",
  "/usr/local/opt/rabbitmq/sbin",
  "/opt/homebrew/opt/rabbitmq/sbin",
];

/**
 * Finds an installed RabbitMQ, on the PATH first. Packages put a wrapper on it that changes to user `rabbitmq`; the real script
 * is the one that has `rabbitmq-env` beside it.
 *
 * @returns `undefined` when there is none, or no Erlang for it
 */
export function findServerPrograms(env: Record<string, string | undefined>): ServerPrograms | undefined {
  const directories = [...new Set([...(env["PATH"] ?? "").split(delimiter).filter(Boolean), ...SYSTEM_DIRECTORIES])];
  const server = [...directories, ...RABBITMQ_DIRECTORIES]
    .map((directory) => join(directory, "rabbitmq-server"))
    .filter(isExecutable)
    .flatMap((script) => [script, realpathSync(script)])
    .find((script) => basename(script) === "rabbitmq-server" && existsSync(join(dirname(script), "rabbitmq-env")));
  const erl = directories.map((directory) => join(directory, "erl")).find(isExecutable);
  if (server === undefined || erl === undefined) return undefined;
  const epmd = [dirname(erl), dirname(realpathSync(erl)), ...directories]
    .map((directory) => join(directory, "epmd"))
    .find(isExecutable);
  if (epmd === undefined) return undefined;
  return { server, ctl: join(dirname(server), "rabbitmqctl"), epmd, path: directories.join(delimiter) };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
