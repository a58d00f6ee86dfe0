import type { Random } from "../random.ts";

/** The two logs of a campaign: one that keeps everything, and one whose retention passes whoever is away. */
export const LOGS = {
  main: {
    exchange: "campaign-main",
    namespace: "/main",
    log: { maxBytes: 16 * 1024 ** 3, segmentBytes: 16 * 1024 ** 2 },
  },
  brief: { exchange: "campaign-brief", namespace: "/brief", log: { maxBytes: 256 * 1024, segmentBytes: 64 * 1024 } },
} as const;

export type LogName = keyof typeof LOGS;

/** Small, so that a client that was away for seconds is served from the log, and one that does not read falls behind. */
export const GATEWAY_FILE = `
namespaces:
  /main:
    exchange: ${LOGS.main.exchange}
    log: { maxAge: 7d, maxBytes: 16GiB, segmentBytes: 16MiB }
    anonymous: true
  /brief:
    exchange: ${LOGS.brief.exchange}
    log: { maxAge: 7d, maxBytes: 256KiB, segmentBytes: 64KiB }
    anonymous: true
limits:
  ringBytes: 512KiB
  replayBytes: 4MiB
  socketBudget: 64KiB
`;

const ROOMS = 20;
const DEEDS = ["said", "moved", "joined", "left"];
const TICKS = 10;
/** Most are small; some are as large as a chat message with a picture's data in it. */
const PAD_BYTES = [20, 60, 100, 100, 200, 400, 2_000];

export const BULK_TOPIC = "bulk.data";
export const FILLER_TOPIC = "tick.filler";

/** What the next ordinary event is about. */
export function drawEvent(log: LogName, random: Random): { topic: string; padBytes: number } {
  const padBytes = random.pick(PAD_BYTES);
  if (log === "brief") return { topic: `tick.${random.integer(0, TICKS - 1)}`, padBytes };
  const draw = random.next();
  if (draw < 0.02) return { topic: "pulse", padBytes };
  if (draw < 0.021) return { topic: "rare.thing", padBytes };
  return { topic: `room.${random.integer(0, ROOMS - 1)}.${random.pick(DEEDS)}`, padBytes };
}

/** The patterns of one client: literal topics, one word, any words, several of them, and hardly anything at all. */
export function drawPatterns(log: LogName, random: Random): string[] {
  const room = () => random.integer(0, ROOMS - 1);
  if (log === "brief") {
    const tick = () => `tick.${random.integer(0, TICKS - 1)}`;
    return random.pick([() => ["#"], () => ["tick.*"], () => [tick(), tick(), tick()], () => ["tick.#"]])();
  }
  return random.pick([
    () => ["#"],
    () => ["pulse", ...Array.from({ length: 6 }, () => `room.${room()}.${random.pick(DEEDS)}`)],
    () => [`room.${room()}.*`, `room.${room()}.*`, "pulse"],
    () => [`room.*.${random.pick(DEEDS)}`],
    () => [`room.${room()}.#`, `#.${random.pick(DEEDS)}`, "bulk.#"],
    () => ["*.*.said", "*.*.left", "pulse"],
    () => ["rare.thing"],
  ])();
}
