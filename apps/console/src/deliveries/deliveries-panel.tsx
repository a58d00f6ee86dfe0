import { Button } from "@mantine/core";
import { useCallback, useRef, useState } from "react";
import { LineHeader } from "../connection/line-header.tsx";
import { useLine } from "../connection/use-line.ts";
import { zone } from "../time/clock.ts";
import styles from "./deliveries-panel.module.css";
import type { DeliveryFeed } from "./delivery-feed.ts";
import { EmptyDeliveries } from "./empty-deliveries.tsx";
import { EntryDetail } from "./entry-detail.tsx";
import { EntryRows } from "./entry-rows.tsx";
import { defaults } from "./entry-list.ts";

const TITLE = "GitHub deliveries";

export interface DeliveriesPanelProps {
  feed: DeliveryFeed;
  hidden: boolean;
}

/** Deliveries as they come, newest first, and beside or below them the one that was chosen. */
export function DeliveriesPanel({ feed, hidden }: DeliveriesPanelProps) {
  const view = useLine(feed.line);
  const [chosenKey, setChosenKey] = useState<number>();
  const list = useRef<HTMLDivElement>(null);
  const { entries } = feed;
  const chosen = chosenKey === undefined ? undefined : entries.find(chosenKey);

  const close = useCallback(() => {
    setChosenKey(undefined);
    list.current?.focus();
  }, []);

  return (
    <section className={styles["panel"]} aria-labelledby="deliveries-title" hidden={hidden}>
      <LineHeader id="deliveries-title" title={TITLE} namespace="/github" line={feed.line} view={view}>
        <Button size="compact-xs" variant="subtle" onClick={() => feed.readFromFirst()}>
          Read from first
        </Button>
        <Button size="compact-xs" variant="subtle" onClick={() => feed.forgetPosition()}>
          Forget position
        </Button>
      </LineHeader>
      <div className={styles["body"]} data-detail={chosen !== undefined}>
        {entries.length === 0 ? (
          <EmptyDeliveries view={view} onReadFromFirst={() => feed.readFromFirst()} />
        ) : (
          <EntryRows ref={list} entries={entries} view={view} chosenKey={chosen?.key} onChoose={setChosenKey} />
        )}
        {chosen !== undefined && <EntryDetail entry={chosen} onClose={close} />}
      </div>
      <footer className={styles["footer"]}>
        <span>
          {entries.length.toLocaleString()} {entries.length === 1 ? "row" : "rows"}; the newest{" "}
          {defaults.rows.toLocaleString()} are kept
        </span>
        <span>Times in {zone}</span>
      </footer>
    </section>
  );
}
