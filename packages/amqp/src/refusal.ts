import { compareVersions, OLDEST_BROKER } from "@warren/topology";
import type { BrokerAddress } from "./broker-url.ts";
import { ConnectionLost, ConnectionRefused } from "./errors.ts";

/** What the broker said in the connection.close that ended a handshake. */
export interface CloseReason {
  readonly replyCode: number;
  readonly replyText: string;
}

/** Names why a handshake failed: for good (`ConnectionRefused`) or for now (`ConnectionLost`). */
export function explainHandshake(
  address: BrokerAddress,
  closed: CloseReason | undefined,
  cause: Error,
): ConnectionRefused | ConnectionLost {
  if (cause instanceof ConnectionRefused || cause instanceof ConnectionLost) return cause;
  if (closed !== undefined) return explainClose(address, closed, cause);
  if (isForeignProtocol(cause)) {
    return new ConnectionRefused(
      "BROKER_NOT_AMQP",
      `what answers at ${address.host}:${address.port} does not speak AMQP 0-9-1: check the port (5672, or 5671 with amqps://)`,
      { cause },
    );
  }
  return new ConnectionLost(`cannot connect to ${address.display}: ${reasonOf(cause)}`, { cause });
}

/** Several addresses tried in vain come as one error without a message. */
function reasonOf(error: Error): string {
  return error instanceof AggregateError ? error.errors.map(String).join("; ") : error.message;
}

/** Undefined for a broker that is new enough, or is not RabbitMQ and counts its versions otherwise. */
export function explainVersion(
  address: BrokerAddress,
  server: { product: string; version: string },
): ConnectionRefused | undefined {
  if (server.product !== "RabbitMQ" || compareVersions(server.version, OLDEST_BROKER) >= 0) return undefined;
  return new ConnectionRefused(
    "BROKER_TOO_OLD",
    `the broker at ${address.host}:${address.port} is RabbitMQ ${server.version}: Warren needs 3.10 or later, upgrade it or use another`,
  );
}

function explainClose(
  address: BrokerAddress,
  { replyCode, replyText }: CloseReason,
  cause: Error,
): ConnectionRefused | ConnectionLost {
  const where = `${address.host}:${address.port}`;
  // A vhost that is starting and a limit that is reached may be gone the next time.
  if (/is down|limit .*is reached/i.test(replyText)) {
    return new ConnectionLost(`cannot connect to ${address.display}: ${replyText}`, { cause });
  }
  if (replyCode === 403 && /login was refused|authentication/i.test(replyText)) {
    return new ConnectionRefused(
      "BROKER_PASSWORD_REFUSED",
      `the broker at ${where} refused user "${address.username}" or its password: check both in the URL` +
        (address.username === "guest" ? ' ("guest" may connect only from the broker\'s own machine)' : ""),
      { cause },
    );
  }
  if (replyCode === 530 && /vhost .*not found/i.test(replyText)) {
    return new ConnectionRefused(
      "BROKER_VHOST_MISSING",
      `the broker at ${where} has no virtual host "${address.vhost}": create it (rabbitmqctl add_vhost) or correct the path of the URL`,
      { cause },
    );
  }
  if (replyCode === 530 || replyCode === 403) {
    return new ConnectionRefused(
      "BROKER_VHOST_REFUSED",
      `user "${address.username}" may not use virtual host "${address.vhost}" of the broker at ${where}: grant it permissions (rabbitmqctl set_permissions)`,
      { cause },
    );
  }
  return new ConnectionLost(`cannot connect to ${address.display}: ${replyCode} ${replyText}`, { cause });
}

function isForeignProtocol(error: Error): boolean {
  return /^(Invalid frame|Unknown frame type|Frame size \d+ exceeds|SASL mechanism)/.test(error.message);
}
