import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SECRET } from "./it.ts";

/** One of GitHub's own example deliveries, as GitHub would send it. */
export interface Delivery {
  readonly id: string;
  readonly event: string;
  readonly body: string;
}

const examples = JSON.parse(readFileSync(fileURLToPath(import.meta.resolve("@octokit/webhooks-examples")), "utf8")) as {
  name: string;
  examples: unknown[];
}[];

/** All 329, in a fixed order. */
export const deliveries: readonly Delivery[] = examples
  .flatMap(({ name, examples }) => examples.map((payload) => ({ event: name, body: JSON.stringify(payload) })))
  .map((delivery, index) => ({ ...delivery, id: `delivery-${index}` }));

/** Posts one delivery to a producer, once. Resolves with the status; 0 where nothing answered. */
export async function post(producerUrl: string, { id, event, body }: Delivery): Promise<number> {
  const signature = `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`;
  const headers = {
    "content-type": "application/json",
    "x-github-event": event,
    "x-github-delivery": id,
    "x-hub-signature-256": signature,
  };
  try {
    const answer = await fetch(`${producerUrl}/webhooks/github`, { method: "POST", headers, body });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return 0;
  }
}

/** Posts all, one after the other, `everyMs` apart. Resolves with what was answered with 202, and what with anything else. */
export async function postAll(
  producerUrl: string,
  everyMs: number,
): Promise<{ accepted: Delivery[]; refused: { delivery: Delivery; status: number }[] }> {
  const accepted: Delivery[] = [];
  const refused: { delivery: Delivery; status: number }[] = [];
  for (const delivery of deliveries) {
    const pause = new Promise((resolve) => setTimeout(resolve, everyMs));
    const status = await post(producerUrl, delivery);
    if (status === 202) accepted.push(delivery);
    else refused.push({ delivery, status });
    await pause;
  }
  return { accepted, refused };
}
