import { Button } from "@mantine/core";
import { BEGINNING, formatPosition } from "@warren/events";
import type { ReactNode } from "react";
import styles from "./line-header.module.css";
import { lineWords } from "./line-words.ts";
import type { Line, LineView } from "./line.ts";

export interface LineHeaderProps {
  /** Id of the heading, for the section it names. */
  id: string;
  title: string;
  namespace: string;
  line: Line;
  view: LineView;
  /** More to do with this line, beside its position. */
  children?: ReactNode;
}

/** What a panel says of its connection: its name, how it stands, the button that cuts or restores it, its counters. */
export function LineHeader({ id, title, namespace, line, view, children }: LineHeaderProps) {
  const { state, tone, sentence } = lineWords(view);
  const { received, replayed, gaps, repeated } = view.stats;
  return (
    <div className={styles["header"]}>
      <div className={styles["top"]}>
        <div className={styles["names"]}>
          <h2 id={id} className={styles["title"]}>
            {title}
          </h2>
          <code className={styles["namespace"]}>{namespace}</code>
        </div>
        <LineButton line={line} view={view} title={title} />
      </div>
      <p className={styles["state"]} data-tone={tone} role="status" aria-label={`${title}: connection`}>
        <span className={styles["dot"]} aria-hidden="true" />
        <strong>{state}</strong>
        <span className={styles["sentence"]}>
          <span title={sentence}>{sentence}</span>
        </span>
      </p>
      <div className={styles["figures"]}>
        <div role="group" aria-label={`${title}: counters`}>
          <dl className={styles["counters"]}>
            <Figure name="Received" value={received} />
            <Figure name="Replayed" value={replayed} />
            <Figure name="Gaps" value={gaps} alarming />
            <Figure name="Repeated" value={repeated} />
          </dl>
        </div>
        <div className={styles["place"]}>
          <div role="group" aria-label={`${title}: position`} className={styles["position"]}>
            <dl>
              <div>
                <dt>Position</dt>
                <dd title={view.position}>{positionWords(view.position)}</dd>
              </div>
            </dl>
          </div>
          {children !== undefined && <div className={styles["more"]}>{children}</div>}
        </div>
      </div>
    </div>
  );
}

/** Positions are opaque but for one: before everything that was ever in the log. */
function positionWords(position: string | undefined): string {
  if (position === undefined) return "none yet";
  return position === formatPosition(BEGINNING) ? "the beginning" : position;
}

function Figure({ name, value, alarming = false }: { name: string; value: number; alarming?: boolean }) {
  return (
    <div data-alarm={alarming && value > 0}>
      <dt>{name}</dt>
      <dd>{value.toLocaleString()}</dd>
    </div>
  );
}

/** One button in one place, so that whoever pressed it can press it again: its words change, its focus stays. */
function LineButton({ line, view, title }: { line: Line; view: LineView; title: string }) {
  const away = view.phase === "cut" || view.phase === "refused";
  const words = view.phase === "refused" ? "Try again" : away ? "Restore connection" : "Cut connection";
  return (
    <Button
      className={styles["button"]}
      size="compact-sm"
      variant={away ? "filled" : "default"}
      aria-label={`${words}: ${title}`}
      onClick={() => (away ? line.restore() : line.cut())}
    >
      {words}
    </Button>
  );
}
