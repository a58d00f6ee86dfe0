import { fileURLToPath } from "node:url";

import { RabbitMQContainer } from "@testcontainers/rabbitmq";

import { createBroker } from "../attach.ts";
import type { Broker, BrokerHandle } from "../broker.ts";
import { BrokerError } from "../errors.ts";
import { startKeeper } from "../keeper-process.ts";
import { COMMON_CONFIGURATION } from "../node/node-spec.ts";
import { poll } from "../poll.ts";
import { freePorts } from "../ports.ts";
import { untilReady } from "../readiness.ts";
import { engineRequest, type EngineAddress } from "./engine.ts";
import type { ContainerOrder } from "./keeper-order.ts";
import {
  keptContainerIdentity,
  newContainerIdentity,
  writeContainerIdentity,
  type ContainerIdentity,
} from "./kept-container.ts";

export interface ContainerOptions {
  engine: EngineAddress;
  image: string;
  /** Keeps the data in a volume that belongs to this folder. */
  dataDir?: string | undefined;
  say: (line: string) => void;
  signal?: AbortSignal | undefined;
}

const USERNAME = "warren";
/** Part of the node's name, to which its data belong. */
const HOSTNAME = "warren-broker";
const START_TIMEOUT_MS = 120_000;
/** How long a container of the same data that is being removed is waited for. */
const LEAVING_TIMEOUT_MS = 15_000;

/** @throws BrokerError `BROKER_START_FAILED`, or `BROKER_IN_USE` for data that another process has a container on */
export async function startContainer(options: ContainerOptions): Promise<Broker> {
  const { engine, image, dataDir, signal } = options;
  const identity = dataDir === undefined ? newContainerIdentity() : keptContainerIdentity(dataDir);
  if (dataDir !== undefined) await untilUnheld(identity.name, options);
  const ports = (await freePorts(3, identity.ports)) as [number, number, number];
  if (dataDir !== undefined) writeContainerIdentity(dataDir, { ...identity, ports });
  signal?.throwIfAborted();

  const order: ContainerOrder = { engine, container: identity.name, keepData: dataDir !== undefined };
  // From source, or compiled beside this file.
  const module = new URL(`./keeper${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);
  // Before the container, so that it is removed even if this process ends while it is being made.
  const keeper = startKeeper(fileURLToPath(module), order);
  try {
    const started = await describeContainer(image, identity, ports, dataDir !== undefined).start();
    keeper.tell("started");
    const host = started.getHost() === "localhost" ? "127.0.0.1" : started.getHost();
    const endpoints = {
      amqpUrl: `amqp://${USERNAME}:${identity.password}@${host}:${ports[0]}`,
      managementUrl: `http://${host}:${ports[1]}`,
      metricsUrl: `http://${host}:${ports[2]}/metrics`,
    };
    const version = await untilReady(endpoints, { timeoutMs: START_TIMEOUT_MS, signal });
    if (version === undefined) throw new Error(`the broker in container ${identity.name} does not answer`);
    const description = `RabbitMQ ${version}, container ${identity.name} (${image}) on ${host}:${ports[0]}`;
    const handle: BrokerHandle = {
      kind: "container",
      version,
      description,
      ...endpoints,
      engine,
      container: identity.name,
    };
    keeper.unref();
    return createBroker(handle, async () => keeper.end());
  } catch (cause) {
    await keeper.end();
    signal?.throwIfAborted();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new BrokerError("BROKER_START_FAILED", `a container of ${image} could not be started: ${why}`, { cause });
  }
}

function describeContainer(
  image: string,
  identity: ContainerIdentity,
  [amqp, management, metrics]: readonly [number, number, number],
  keepData: boolean,
): RabbitMQContainer {
  const container = new RabbitMQContainer(image)
    .withName(identity.name)
    .withHostname(HOSTNAME)
    .withEnvironment({ RABBITMQ_DEFAULT_USER: USERNAME, RABBITMQ_DEFAULT_PASS: identity.password })
    // Fixed, because an engine gives a restarted container other ports than before.
    .withExposedPorts(
      { container: 5672, host: amqp },
      { container: 15_672, host: management },
      { container: 15_692, host: metrics },
    )
    .withCopyContentToContainer([
      { content: COMMON_CONFIGURATION.join("\n") + "\n", target: "/etc/rabbitmq/conf.d/90-warren.conf" },
    ])
    .withStartupTimeout(START_TIMEOUT_MS);
  return keepData ? container.withBindMounts([{ source: identity.name, target: "/var/lib/rabbitmq" }]) : container;
}

async function untilUnheld(name: string, { engine, say, signal }: ContainerOptions): Promise<void> {
  const gone = async () => {
    const answer = await engineRequest(engine, "GET", `/containers/${name}/json`);
    return answer.status === 404 ? true : undefined;
  };
  if (await gone()) return;
  say(`waiting for container ${name} of the last run to be removed`);
  if (await poll(gone, { timeoutMs: LEAVING_TIMEOUT_MS, everyMs: 250, signal })) return;
  const text = `the broker data are in use by container ${name}: stop the process that has it, or remove it with docker rm -f ${name}`;
  throw new BrokerError("BROKER_IN_USE", text);
}
