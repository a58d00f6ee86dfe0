import { topicWord } from "@warren/events";
import { z } from "zod";

const account = z.object({ login: z.string() }).optional().catch(undefined);

/** The few fields of a payload that name it; whatever is not as GitHub documents it counts as absent. */
const payloadNames = z.object({
  action: z.string().min(1).optional().catch(undefined),
  repository: z
    .object({ name: z.string().min(1), owner: account })
    .optional()
    .catch(undefined),
  organization: account,
  installation: z.object({ account }).optional().catch(undefined),
  sender: account,
});

export type PayloadNames = z.infer<typeof payloadNames>;

/** Undefined for JSON that is no object, and so no payload of GitHub's. */
export function readNames(payload: unknown): PayloadNames | undefined {
  return payloadNames.safeParse(payload).data;
}

/** `issues.opened`, or `push` where the event has no action. */
export function eventType(event: string, names: PayloadNames): string {
  return names.action === undefined ? event : `${event}.${names.action}`;
}

/**
 * `<owner>.<repo>.<event>[.<action>]`, each one word in lower case:
 *
 *   payload has                        owner                repo
 *   repository                         its owner            its name
 *   organization, no repository        the organization     -
 *   installation.account, none above   the account          -
 *   sender, none above                 the sender           -
 *   none of them                       -                    -
 */
export function deliveryTopic(event: string, names: PayloadNames): string {
  const { repository, organization, installation, sender, action } = names;
  const owner = repository?.owner ?? organization ?? installation?.account ?? sender;
  const words = [owner?.login ?? "", repository?.name ?? "", event];
  if (action !== undefined) words.push(action);
  return words.map(topicWord).join(".");
}
