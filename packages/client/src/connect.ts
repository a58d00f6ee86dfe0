import type { Client, EventMap } from "./client.ts";
import type { ClientOptions } from "./options.ts";
import { WarrenClient } from "./warren-client.ts";

/**
 * Connects to one namespace of a gateway: `connect("https://host/chat", { topics: ["#"] })`.
 * Throws `OPTION_INVALID`, naming every option that cannot be; everything later is told to `onState` and `onError`.
 */
export function connect<Events extends object = EventMap>(url: string, options?: ClientOptions): Client<Events> {
  // The map of events is the caller's word for what travels; nothing at run time could check it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return new WarrenClient(url, options) as unknown as Client<Events>;
}
