import { BOTH, must, mustEqual, type Check } from "../check.ts";
import type { Stage } from "../stage.ts";

/** What an event carries. */
export const bodies: readonly Check[] = [
  {
    name: "json",
    promise: "JSON arrives as it was sent: values, order of keys, any Unicode",
    transports: BOTH,
    run: keepsJson,
  },
  {
    name: "binary",
    promise: "a Buffer arrives as the same bytes, live and replayed",
    transports: BOTH,
    run: keepsBytes,
  },
  {
    name: "string-argument",
    promise: "an event whose data is a string that looks like a position is an event like any other",
    transports: BOTH,
    run: keepsStrings,
  },
];

const VALUES: readonly unknown[] = [
  null,
  true,
  "",
  0.1,
  -1.5e-7,
  9_007_199_254_740_991,
  1e21,
  [],
  {},
  [[["deep"]]],
  { z: 1, a: 2, "10": 3, é: '\u{1F407}\u2028\u0000"\\/</script>' },
  { _placeholder: true, num: 0 },
  "x".repeat(70_000),
];

async function keepsJson(stage: Stage): Promise<void> {
  const { visitor, position } = await stage.begin();
  const ids: string[] = [];
  for (const [index, value] of VALUES.entries()) ids.push(await stage.say(String(index), value));
  const back = await stage.connect({ position });
  for (const client of [visitor, back]) {
    await client.untilId(ids.at(-1)!);
    for (const [index, value] of VALUES.entries()) {
      const event = client.events.find(({ meta }) => meta.id === ids[index]);
      must(event !== undefined, `event ${index} of ${VALUES.length} did not come before the last`);
      mustEqual(JSON.stringify(event.data), JSON.stringify(value), "the JSON that arrived");
    }
  }
}

async function keepsBytes(stage: Stage): Promise<void> {
  const { visitor, position } = await stage.begin();
  const sent = [
    Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
    Buffer.alloc(0),
    Buffer.alloc(70_000, 0xfe),
  ];
  const ids: string[] = [];
  for (const [index, bytes] of sent.entries()) ids.push(await stage.say(String(index), bytes));
  const back = await stage.connect({ position });
  for (const client of [visitor, back]) {
    await client.untilId(ids.at(-1)!);
    for (const [index, bytes] of sent.entries()) {
      const data = client.events.find(({ meta }) => meta.id === ids[index])?.data;
      must(data instanceof Uint8Array, `${bytes.length} bytes did not arrive as bytes`);
      mustEqual(Buffer.from(data).toString("hex"), bytes.toString("hex"), "the bytes that arrived");
    }
  }
}

async function keepsStrings(stage: Stage): Promise<void> {
  const { visitor, position } = await stage.begin();
  const sent = ["0-00000000", "<0", position, "first"];
  const ids: string[] = [];
  for (const [index, text] of sent.entries()) ids.push(await stage.say(String(index), text));
  const back = await stage.connect({ position });
  for (const client of [visitor, back]) {
    await client.untilId(ids.at(-1)!);
    mustEqual(
      client.events.map(({ data }) => data),
      sent,
      "the texts that arrived",
    );
    must(
      client.events.every(({ meta }) => typeof meta?.position === "string"),
      "an event has no position of its own",
    );
  }
}
