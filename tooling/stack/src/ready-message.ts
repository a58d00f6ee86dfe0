import type { StackConfig } from "./config.ts";
import type { StackBroker } from "./stack.ts";
import type { Terminal } from "./terminal.ts";

/** The word "ready" and what a person opens next. */
export function whatToOpen(config: StackConfig, broker: StackBroker, terminal: Terminal, afterMs: number): string {
  const rows: [string, string][] = [];
  for (const app of config.apps) {
    const url = `http://localhost:${app.port}`;
    if (app.name === "gateway") {
      rows.push(["page", `${url}/`]);
      rows.push(["gateway", `${url}/  (Socket.IO: /, /chat, /github unless WARREN_CONFIG says otherwise)`]);
    } else if (app.name === "producer") {
      const secret = config.webhookSecretIsDefault ? `GITHUB_WEBHOOK_SECRET=${config.webhookSecret}` : "your secret";
      rows.push(["webhooks", `${url}/webhooks/github  (signed with ${secret})`]);
    } else rows.push([app.name, `${url}/`]);
  }
  rows.push(["RabbitMQ", `${broker.managementUrl}  ${credentials(broker)}`.trimEnd()]);
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    "",
    `${terminal.paint("bold", terminal.paint("green", "ready"))} after ${(afterMs / 1000).toFixed(1)} s`,
    ...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`),
    "",
    "  npm run demo, in another terminal, sends 329 real GitHub deliveries. Ctrl-C stops everything.",
    "",
  ].join("\n");
}

/** Of a broker of our own making; whoever gave an address knows what it needs. */
function credentials(broker: StackBroker): string {
  return broker.kind === "url" ? "" : `(user ${broker.username}, password ${broker.password})`;
}
