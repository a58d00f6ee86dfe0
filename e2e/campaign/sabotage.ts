/** What can be broken in a gateway on purpose, to see that the campaign notices. */
export const SABOTAGES = {
  "skip-replay": "clients go live at once, without what they missed",
  "drop-one": "one in a hundred live deliveries is not made",
  "repeat-one": "one in a hundred live deliveries is made twice",
  "swallow-gap": "gaps are not announced",
} as const;

export type Sabotage = keyof typeof SABOTAGES;

export function isSabotage(name: string): name is Sabotage {
  return name in SABOTAGES;
}
