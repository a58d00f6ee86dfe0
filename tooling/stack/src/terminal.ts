import { styleText } from "node:util";
import { readable } from "./log-line.ts";

export type Colour = "cyan" | "magenta" | "yellow" | "green" | "blue" | "gray" | "red";

export interface Terminal {
  /** One line of one speaker, behind its name. */
  say(speaker: string, line: string): void;
  /** A line as it is, for what a person is to read. */
  tell(line: string): void;
  /** Text in a colour, where the output is a terminal that shows colours. */
  paint(colour: Colour | "bold", text: string): string;
}

const COLOURS: readonly Colour[] = ["cyan", "magenta", "yellow", "green", "blue"];

/**
 * @param speakers who will speak, so that their names line up; another name is padded as well as it can be
 * @param output colours are used only where this is a terminal
 */
export function createTerminal(speakers: readonly string[], output: NodeJS.WriteStream = process.stdout): Terminal {
  const width = Math.max(0, ...speakers.map((speaker) => speaker.length));
  const paint: Terminal["paint"] = (colour, text) =>
    output.isTTY ? styleText(colour, text, { stream: output }) : text;
  return {
    say(speaker, line) {
      const at = speakers.indexOf(speaker);
      const colour = at < 0 ? "gray" : (COLOURS[at % COLOURS.length] ?? "gray");
      output.write(`${paint(colour, `${speaker.padEnd(width)} |`)} ${readable(line, paint)}\n`);
    },
    tell(line) {
      output.write(`${line}\n`);
    },
    paint,
  };
}
