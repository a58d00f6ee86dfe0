import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { ServerPrograms } from "./server-script.ts";

export interface NodePorts {
  amqp: number;
  management: number;
  metrics: number;
  distribution: number;
  epmd: number;
}

/** One private node: what it is called, where it listens, where its files are. */
export interface NodeSpec {
  programs: ServerPrograms;
  nodeName: string;
  /** Erlang's shared secret; a node's data can be used with another one. */
  cookie: string;
  ports: NodePorts;
  /** For this run only: configuration, control socket, pid, output. */
  runDir: string;
  /** Messages, queues, log. Inside `runDir` unless they are kept. */
  dataDir: string;
}

const CREDENTIALS = { username: "guest", password: "guest" };

/** As a share of the machine's memory. The default differs between versions, so it is set, to be set back after an alarm. */
export const MEMORY_WATERMARK = "0.6";

/** Milliseconds between two reports of a queue or connection; the management API takes them up once per second, its least. */
const STATISTICS_INTERVAL_MS = 250;

const BOUND_TO_LOOPBACK = "-kernel inet_dist_use_interface {127,0,0,1}";

export function endpointsOf(spec: NodeSpec): { amqpUrl: string; managementUrl: string; metricsUrl: string } {
  const { username, password } = CREDENTIALS;
  return {
    amqpUrl: `amqp://${username}:${password}@127.0.0.1:${spec.ports.amqp}`,
    managementUrl: `http://127.0.0.1:${spec.ports.management}`,
    metricsUrl: `http://127.0.0.1:${spec.ports.metrics}/metrics`,
  };
}

/** Lines every broker that we start is configured with. */
export const COMMON_CONFIGURATION = [
  `collect_statistics_interval = ${STATISTICS_INTERVAL_MS}`,
  ...["global", "basic", "detailed"].map((section) => `management.sample_retention_policies.${section}.minute = 1`),
  "disk_free_limit.absolute = 50MB",
  `vm_memory_high_watermark.relative = ${MEMORY_WATERMARK}`,
];

export function writeConfiguration(spec: NodeSpec): void {
  mkdirSync(join(spec.runDir, "home"), { recursive: true });
  mkdirSync(join(spec.dataDir, "log"), { recursive: true });
  const lines = [
    `listeners.tcp.1 = 127.0.0.1:${spec.ports.amqp}`,
    "management.tcp.ip = 127.0.0.1",
    `management.tcp.port = ${spec.ports.management}`,
    "prometheus.tcp.ip = 127.0.0.1",
    `prometheus.tcp.port = ${spec.ports.metrics}`,
    ...COMMON_CONFIGURATION,
  ];
  writeFileSync(join(spec.runDir, "rabbitmq.conf"), lines.join("\n") + "\n");
  writeFileSync(join(spec.runDir, "enabled_plugins"), "[rabbitmq_management,rabbitmq_prometheus].\n");
  writeFileSync(join(spec.runDir, "home", ".erlang.cookie"), spec.cookie, { mode: 0o400 });
}

/**
 * The whole environment of the node's programs. Nothing is inherited, and every path that has a system-wide default is given:
 * a RabbitMQ that is configured on the same machine must not be seen.
 */
export function nodeEnvironment(spec: NodeSpec): Record<string, string> {
  const at = (name: string) => join(spec.runDir, name);
  return {
    PATH: spec.programs.path,
    HOME: at("home"),
    LANG: "C.UTF-8",
    TMPDIR: spec.runDir,
    ERL_EPMD_ADDRESS: "127.0.0.1",
    ERL_EPMD_PORT: String(spec.ports.epmd),
    ERL_CRASH_DUMP_SECONDS: "0",
    RABBITMQ_NODENAME: spec.nodeName,
    RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
    RABBITMQ_NODE_PORT: String(spec.ports.amqp),
    RABBITMQ_DIST_PORT: String(spec.ports.distribution),
    RABBITMQ_MNESIA_BASE: join(spec.dataDir, "db"),
    RABBITMQ_LOG_BASE: join(spec.dataDir, "log"),
    RABBITMQ_CONF_ENV_FILE: at("no-rabbitmq-env.conf"),
    RABBITMQ_CONFIG_FILE: at("rabbitmq.conf"),
    RABBITMQ_CONFIG_FILES: at("no-conf.d"),
    RABBITMQ_ADVANCED_CONFIG_FILE: at("no-advanced.config"),
    RABBITMQ_GENERATED_CONFIG_DIR: at("generated"),
    RABBITMQ_SCHEMA_DIR: at("schema"),
    RABBITMQ_ENABLED_PLUGINS_FILE: at("enabled_plugins"),
    RABBITMQ_PID_FILE: at("rabbitmq.pid"),
    // The script then becomes the Erlang machine instead of waiting for it, so that its pid is the node's.
    RABBITMQ_ALLOW_INPUT: "1",
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-noinput +B i ${BOUND_TO_LOOPBACK}`,
    RABBITMQ_CTL_ERL_ARGS: BOUND_TO_LOOPBACK,
  };
}
