import { median } from "../measure/statistics.ts";
import { ms, ratio, type Figure, type Outcome } from "../report/figure.ts";
import type { Round, Variant } from "./recovery.ts";

const WARREN = "Warren";
const REDIS = "Socket.IO, Redis streams";
const NCHAN = "nchan";

const cpu = ({ serverMs, behindMs }: Round): number => serverMs + behindMs;
const wall = ({ wallMs }: Round): number => wallMs;
const sum = (its: readonly Round[], of: (round: Round) => number): number =>
  its.reduce((total, round) => total + of(round), 0);

/** The table of one variant, with its goals. */
export function recoveryFigures(variant: Variant, rounds: ReadonlyMap<string, readonly Round[]>): Outcome {
  const values = (show: (rounds: readonly Round[]) => string): Record<string, string> =>
    Object.fromEntries([...rounds].map(([name, its]) => [name, show(its)]));
  const middle = (name: string, of: (round: Round) => number): number => median((rounds.get(name) ?? []).map(of));
  const mine = rounds.get(WARREN)!;
  const faults = sum(mine, ({ tally }) => tally.lost + tally.repeated + tally.misordered + tally.strayed);
  const figures: Figure[] = [
    {
      what: "lost / repeated / misordered",
      values: values((its) =>
        (["lost", "repeated", "misordered"] as const).map((fault) => sum(its, ({ tally }) => tally[fault])).join(" / "),
      ),
      measured: String(faults),
      goal: "Warren: none",
      reached: faults === 0,
    },
    {
      what: "told that events are missing",
      values: values((its) => String(sum(its, ({ tally }) => tally.unrecovered))),
    },
  ];
  const flowing = variant.flowing !== undefined || variant.flowingAtReturn !== undefined;
  // With events flowing on, the end of the wall is the end of the flow.
  if (!flowing) {
    figures.push({
      what: "until all have everything",
      values: values((its) => (its.every(({ complete }) => complete) ? ms(median(its.map(wall))) : "never")),
    });
  }
  figures.push({
    what: "CPU, server + behind it",
    values: values(
      (its) => `${ms(median(its.map(cpu)))} (${its.map((each) => `${each.serverMs}+${each.behindMs}`).join(", ")})`,
    ),
  });
  return { title: `Recovery: ${variant.title}`, figures: [...figures, ...goals()], notes: [] };

  function goals(): Figure[] {
    if (variant.name === "own-topics") {
      const took = middle(WARREN, wall);
      return [{ what: "wall", values: {}, measured: ms(took), goal: "under 0.6 s", reached: took < 600 }];
    }
    if (variant.name !== "return") return [];
    const all = [
      { what: "wall", name: REDIS, of: wall, most: 0.5 },
      { what: "CPU", name: REDIS, of: cpu, most: 1 / 3 },
      { what: "wall", name: NCHAN, of: wall, most: 1 },
      { what: "CPU", name: NCHAN, of: cpu, most: 1 },
    ];
    return all
      .filter(({ name }) => rounds.has(name))
      .map(({ what, name, of, most }) => {
        const share = middle(WARREN, of) / middle(name, of);
        const goal = most === 1 ? `ahead of ${name}` : `≤ ${most.toFixed(2)}× ${name}`;
        return { what, values: {}, measured: ratio(share), goal, reached: most === 1 ? share < 1 : share <= most };
      });
  }
}
