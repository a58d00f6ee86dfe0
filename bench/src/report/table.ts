import type { Figure, Outcome } from "./figure.ts";

const RESULT = { true: "PASS", false: "**miss**", undefined: "" } as const;

/** An outcome as a Markdown table. */
export function table({ title, figures, notes }: Outcome): string {
  const contenders = [...new Set(figures.flatMap(({ values }) => Object.keys(values)))];
  const head = ["", ...contenders, "measured", "goal", ""];
  const rows = figures.map((figure: Figure) => [
    figure.what,
    ...contenders.map((name) => figure.values[name] ?? "–"),
    figure.measured ?? "",
    figure.goal ?? "",
    RESULT[String(figure.reached) as keyof typeof RESULT],
  ]);
  const widths = head.map((cell, column) => Math.max(cell.length, 3, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  const lines = [`### ${title}`, "", line(head), rule, ...rows.map(line)];
  return [...lines, "", ...notes.flatMap((note) => [note, ""])].join("\n");
}
