import { memo } from "react";
import { clock, machineTime } from "../time/clock.ts";
import type { Entry } from "./entry.ts";
import styles from "./entry-row.module.css";
import { gapWords } from "./gap-words.ts";

export interface EntryRowProps {
  entry: Entry;
  /** Two lines instead of one. */
  tall: boolean;
}

/** What stands in one row. Never drawn again while it stays the same row. */
export const EntryRow = memo(function EntryRow({ entry, tall }: EntryRowProps) {
  return (
    <div className={styles["cells"]} data-tall={tall}>
      <time className={styles["time"]} dateTime={machineTime(entry.at)}>
        {clock(entry.at)}
      </time>
      <Cells entry={entry} />
    </div>
  );
});

function Cells({ entry }: { entry: Entry }) {
  if (entry.kind === "mark") return <span className={styles["mark"]}>{entry.text}</span>;
  if (entry.kind === "gap") {
    return (
      <span className={styles["gap"]}>
        <strong>Gap</strong> Events after <code>{entry.gap.from}</code> may be missing: {gapWords(entry.gap).short}
      </span>
    );
  }
  return (
    <>
      <span className={styles["event"]}>
        {entry.event}
        {entry.action !== undefined && <span className={styles["action"]}> {entry.action}</span>}
      </span>
      <span className={styles["place"]}>{entry.place}</span>
      <span className={styles["summary"]}>{entry.summary}</span>
      {entry.replayed && <span className={styles["badge"]}>replayed</span>}
    </>
  );
}
