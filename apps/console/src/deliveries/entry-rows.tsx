import { Button } from "@mantine/core";
import { useElementSize, useMergedRef } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState, type KeyboardEvent, type Ref } from "react";
import type { LineView } from "../connection/line.ts";
import type { EntryList } from "./entry-list.ts";
import styles from "./entry-rows.module.css";
import { EntryRow } from "./entry-row.tsx";

/** Unit: CSS pixels. A row is one line where there is room for its columns, else two. Fixed: nothing is measured. */
const ROW = 32;
const TALL_ROW = 52;
const ROOM_FOR_COLUMNS = 720;

export interface EntryRowsProps {
  ref: Ref<HTMLDivElement>;
  entries: EntryList;
  /** Drawn again whenever this changes: the list itself is changed in place. */
  view: LineView;
  chosenKey: number | undefined;
  onChoose: (key: number | undefined) => void;
}

/** The rows, newest first. Whoever scrolled down keeps seeing the same rows while new ones come. */
export function EntryRows({ ref, entries, chosenKey, onChoose }: EntryRowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const { ref: measured, width } = useElementSize<HTMLDivElement>();
  const merged = useMergedRef(ref, scroller, measured);
  const tall = width < ROOM_FOR_COLUMNS;
  const height = tall ? TALL_ROW : ROW;
  const newest = entries.newest(0)?.key ?? 0;
  const [seen, setSeen] = useState(newest);

  // oxlint-disable-next-line react/incompatible-library -- nothing of it is handed on to a memoised component
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: (index) => newest - index,
    overscan: 8,
  });
  useLayoutEffect(() => virtual.measure(), [virtual, height]);

  const drawn = useRef({ newest, height });
  useLayoutEffect(() => {
    const before = drawn.current;
    drawn.current = { newest, height };
    const element = scroller.current;
    if (element === null) return;
    const top = element.scrollTop / before.height;
    if (top < 0.5) setSeen(newest);
    else if (newest !== before.newest || height !== before.height) {
      element.scrollTop = (top + newest - before.newest) * height;
    }
  }, [newest, height]);

  // After the layout: choosing a row can open its detail, and leave less of the list in sight.
  useLayoutEffect(() => {
    const element = scroller.current;
    const index = chosenKey === undefined ? -1 : entries.indexOf(chosenKey);
    if (element === null || index < 0) return;
    const highest = index * height;
    const lowest = highest + height - element.clientHeight;
    if (element.scrollTop > highest) element.scrollTop = highest;
    else if (element.scrollTop < lowest) element.scrollTop = lowest;
  }, [chosenKey, entries, height]);

  const unseen = newest - seen;
  const chosenIndex = chosenKey === undefined ? -1 : entries.indexOf(chosenKey);
  const rows = virtual.getVirtualItems();
  const drawnChosen = rows.some(({ index }) => index === chosenIndex);

  const onKeyDown = (event: KeyboardEvent) => {
    const to = destination(event.key, chosenIndex, entries.length, virtual.scrollRect?.height ?? 0, height);
    if (to === undefined) return;
    event.preventDefault();
    if (to === "none") return onChoose(undefined);
    onChoose(newest - to);
  };

  return (
    <div className={styles["frame"]}>
      <div
        ref={merged}
        className={styles["scroller"]}
        role="listbox"
        aria-label="Deliveries, newest first"
        tabIndex={0}
        aria-activedescendant={drawnChosen ? `entry-${chosenKey}` : undefined}
        onKeyDown={onKeyDown}
        onScroll={(event) => {
          if (event.currentTarget.scrollTop < height / 2) setSeen(newest);
        }}
      >
        <div className={styles["rows"]} role="presentation" style={{ height: virtual.getTotalSize() }}>
          {rows.map(({ index, start }) => {
            const entry = entries.newest(index);
            if (entry === undefined) return null;
            const chosen = entry.key === chosenKey;
            return (
              <div
                key={entry.key}
                id={`entry-${entry.key}`}
                className={styles["row"]}
                role="option"
                aria-selected={chosen}
                aria-setsize={entries.length}
                aria-posinset={index + 1}
                data-kind={entry.kind}
                style={{ height, transform: `translateY(${start}px)` }}
                onClick={() => onChoose(entry.key)}
              >
                <EntryRow entry={entry} tall={tall} />
              </div>
            );
          })}
        </div>
      </div>
      {unseen > 0 && (
        <Button className={styles["unseen"]} size="compact-sm" onClick={() => scroller.current?.scrollTo({ top: 0 })}>
          {unseen.toLocaleString()} new above
        </Button>
      )}
    </div>
  );
}

/** Where a key leads from the chosen row: an index, or "none" to choose nothing; undefined: not a key of this list. */
function destination(key: string, from: number, length: number, viewport: number, height: number) {
  const page = Math.max(1, Math.floor(viewport / height) - 1);
  const clamp = (index: number) => Math.min(length - 1, Math.max(0, index));
  switch (key) {
    case "ArrowDown":
      return clamp(from + 1);
    case "ArrowUp":
      return clamp(from - 1);
    case "PageDown":
      return clamp(from + page);
    case "PageUp":
      return clamp(from - page);
    case "Home":
      return 0;
    case "End":
      return length - 1;
    case "Escape":
      return "none";
    default:
      return undefined;
  }
}
