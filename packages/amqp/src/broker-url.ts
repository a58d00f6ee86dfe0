import { ConnectionRefused } from "./errors.ts";

/** Where a broker is and who we are to it. */
export interface BrokerAddress {
  readonly tls: boolean;
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly vhost: string;
  /** For people: without the password. */
  readonly display: string;
}

/** Reads `amqp[s]://user:password@host:port/vhost`. Throws `ConnectionRefused` (BROKER_URL_INVALID), never quoting the password. */
export function parseBrokerUrl(text: string): BrokerAddress {
  const url = URL.parse(text);
  if (url === null) throw invalid("it is no URL");
  if (url.protocol !== "amqp:" && url.protocol !== "amqps:") throw invalid(`it begins with "${url.protocol}"`);
  if (url.hostname === "") throw invalid("it names no host");
  const tls = url.protocol === "amqps:";
  const host = decode(url.hostname, "host").replaceAll(/^\[|\]$/g, "");
  const port = url.port === "" ? (tls ? 5671 : 5672) : Number(url.port);
  const anonymous = url.username === "" && url.password === "";
  const username = anonymous ? "guest" : decode(url.username, "user name");
  const password = anonymous ? "guest" : decode(url.password, "password");
  const path = decode(url.pathname.slice(1), "virtual host");
  const vhost = path === "" ? "/" : path;
  const shownVhost = vhost === "/" ? "" : encodeURIComponent(vhost);
  const shownHost = host.includes(":") ? `[${host}]` : host;
  const display = `${url.protocol}//${encodeURIComponent(username)}@${shownHost}:${port}/${shownVhost}`;
  return { tls, host, port, username, password, vhost, display };
}

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(`its ${part} is not percent-encoded correctly`);
  }
}

function invalid(fault: string): ConnectionRefused {
  return new ConnectionRefused(
    "BROKER_URL_INVALID",
    `the broker's URL cannot be used: ${fault}; expected amqp://user:password@host:5672/vhost`,
  );
}
