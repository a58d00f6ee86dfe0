import { SingleBar } from "cli-progress";

/** How far a command is: a bar on a terminal, a line now and then elsewhere. */
export interface Progress {
  /** `done` of the total; `note` is what else there is to say. */
  update(done: number, note: string): void;
  /** A line for people, above the bar. */
  say(line: string): void;
  stop(): void;
}

/** A terminal or a pipe: where progress goes. */
export type ProgressStream = NodeJS.WritableStream & { isTTY?: boolean };

/** Unit: lines over the whole of a command, where there is no terminal. */
const PLAIN_LINES = 10;

export function createProgress(stream: ProgressStream, total: number, label: string): Progress {
  return stream.isTTY === true ? barProgress(stream, total, label) : plainProgress(stream, total, label);
}

function barProgress(stream: ProgressStream, total: number, label: string): Progress {
  const bar = new SingleBar({
    stream,
    format: `${label} [{bar}] {value}/{total} · {note}`,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 30,
    hideCursor: true,
    fps: 10,
  });
  bar.start(total, 0, { note: "" });
  return {
    update: (done, note) => bar.update(done, { note }),
    say(line) {
      // The bar's own line is cleared, and drawn again below what is said.
      stream.write(`\r\u001B[K${line}\n`);
    },
    stop: () => bar.stop(),
  };
}

function plainProgress(stream: ProgressStream, total: number, label: string): Progress {
  const step = Math.max(1, Math.ceil(total / PLAIN_LINES));
  let next = step;
  return {
    update(done, note) {
      if (done < next && done < total) return;
      next = done + step;
      stream.write(`${label} ${done}/${total} · ${note}\n`);
    },
    say: (line) => void stream.write(`${line}\n`),
    stop: () => {},
  };
}
