import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface ContainerIdentity {
  /** Name of the container, and of the volume when there is one. */
  name: string;
  /** Set at the first start only: RabbitMQ keeps it with its data. */
  password: string;
  /** AMQP, management, metrics: to be taken again when they are free. */
  ports?: readonly number[];
}

const identityFile = (dataDir: string) => join(dataDir, "container.json");

export function newContainerIdentity(): ContainerIdentity {
  return { name: `warren-broker-${randomBytes(5).toString("hex")}`, password: randomBytes(12).toString("hex") };
}

/** The identity that belongs to the folder. Its name follows from the folder's path, so that one engine runs it only once. */
export function keptContainerIdentity(dataDir: string): ContainerIdentity {
  mkdirSync(dataDir, { recursive: true });
  const hash = createHash("sha256").update(realpathSync(dataDir)).digest("hex").slice(0, 12);
  const name = `warren-broker-${hash}`;
  try {
    return { ...(JSON.parse(readFileSync(identityFile(dataDir), "utf8")) as ContainerIdentity), name };
  } catch {
    return { ...newContainerIdentity(), name };
  }
}

export function writeContainerIdentity(dataDir: string, identity: ContainerIdentity): void {
  writeFileSync(identityFile(dataDir), JSON.stringify(identity, null, 2) + "\n", { mode: 0o600 });
}
