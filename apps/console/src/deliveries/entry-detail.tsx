import { Button } from "@mantine/core";
import { useMemo, type KeyboardEvent } from "react";
import { CopyButton } from "../theme/copy-button.tsx";
import { machineTime, wholeTime } from "../time/clock.ts";
import { prettyBody } from "./body.ts";
import styles from "./entry-detail.module.css";
import type { DeliveryEntry, Entry, GapEntry } from "./entry.ts";
import { gapWords } from "./gap-words.ts";

export interface EntryDetailProps {
  entry: Entry;
  onClose: () => void;
}

/** One row, whole. */
export function EntryDetail({ entry, onClose }: EntryDetailProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") onClose();
  };
  return (
    <section className={styles["detail"]} aria-label="Chosen row" onKeyDown={onKeyDown}>
      <header className={styles["header"]}>
        <h3 className={styles["title"]}>{titleOf(entry)}</h3>
        {entry.kind === "delivery" && entry.body !== undefined && <BodyCopy entry={entry} />}
        <Button size="compact-sm" variant="default" onClick={onClose}>
          Close
        </Button>
      </header>
      <div className={styles["content"]}>
        {entry.kind === "delivery" && <Delivery entry={entry} />}
        {entry.kind === "gap" && <Gap entry={entry} />}
        {entry.kind === "mark" && (
          <dl className={styles["meta"]}>
            <At at={entry.at} name="When" />
          </dl>
        )}
      </div>
    </section>
  );
}

function titleOf(entry: Entry): string {
  if (entry.kind === "delivery") return entry.action === undefined ? entry.event : `${entry.event} ${entry.action}`;
  return entry.kind === "gap" ? "Gap" : entry.text;
}

function Delivery({ entry }: { entry: DeliveryEntry }) {
  const { meta, body } = entry;
  const text = useMemo(() => (body === undefined ? undefined : prettyBody(body)), [body]);
  return (
    <>
      <dl className={styles["meta"]}>
        <Field name="Id" value={meta.id ?? "none given"} />
        <Field name="Topic" value={meta.topic} />
        <Field name="Position" value={meta.position} />
        <Field name="Previous" value={meta.previous ?? "none told"} />
        <At at={entry.at} name={meta.time === undefined ? "Arrived" : "Published"} />
        {meta.sender !== undefined && <Field name="Sender" value={meta.sender} />}
        <Field name="Came" value={meta.replayed === true ? "replayed, while catching up" : "live"} />
      </dl>
      {text === undefined ? (
        <p className={styles["note"]}>
          The page no longer holds the body of this row: it keeps the newest 32 million characters. Read from first to
          get it again.
        </p>
      ) : (
        // Can be scrolled, so it can be focused: else the keyboard would not reach its end.
        <pre className={styles["body"]} tabIndex={0} aria-label="Body">
          {text}
        </pre>
      )}
    </>
  );
}

function Gap({ entry: { gap, at } }: { entry: GapEntry }) {
  return (
    <>
      <p className={styles["note"]}>
        {gapWords(gap).long} Nothing else was left out, and what follows is complete again.
      </p>
      <dl className={styles["meta"]}>
        <Field name="After" value={gap.from} />
        <Field name="Up to" value={gap.to} />
        <Field name="Reason" value={gap.reason} />
        <At at={at} name="Noticed" />
      </dl>
    </>
  );
}

function Field({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function At({ name, at }: { name: string; at: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <time dateTime={machineTime(at)}>{wholeTime(at)}</time>
      </dd>
    </div>
  );
}

function BodyCopy({ entry }: { entry: DeliveryEntry }) {
  return <CopyButton text={() => (entry.body === undefined ? "" : prettyBody(entry.body))}>Copy body</CopyButton>;
}
