import { useLayoutEffect, useRef } from "react";
import { advice } from "../connection/fault.ts";
import type { LineView, Phase } from "../connection/line.ts";
import type { ChatRoom } from "./chat-room.ts";
import type { RoomLine } from "./message.ts";
import { RoomLineView } from "./room-line.tsx";
import styles from "./room-lines.module.css";

export interface RoomLinesProps {
  lines: readonly RoomLine[];
  view: LineView;
  room: ChatRoom;
}

/** How near to the end, in CSS pixels, counts as reading along. */
const NEAR_END = 48;

/** What was said, oldest first. Whoever reads along at the end stays at the end; whoever scrolled up is left alone. */
export function RoomLines({ lines, view, room }: RoomLinesProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const content = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    // New lines, another width, shown for the first time: whatever moves the end.
    const observer = new ResizeObserver(() => {
      if (atEnd.current) scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
    });
    for (const element of [scroller.current, content.current]) if (element !== null) observer.observe(element);
    return () => observer.disconnect();
  }, []);

  return (
    <div
      ref={scroller}
      className={styles["scroller"]}
      // Can be scrolled, so it can be focused.
      tabIndex={0}
      role="log"
      aria-label="Messages"
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END;
      }}
    >
      <div ref={content}>
        {lines.length === 0 ? (
          <p className={styles["empty"]}>{emptyWords(view)}</p>
        ) : (
          <ol className={styles["lines"]}>
            {lines.map((line) => (
              <RoomLineView key={line.id} line={line} room={room} />
            ))}
          </ol>
        )}
      </div>
    </div>
  );
}

function emptyWords({ phase, fault }: LineView): string {
  if (phase === "refused") return fault === undefined ? "The gateway refused." : `${fault.message} ${advice(fault)}`;
  return EMPTY_WORDS[phase];
}

const AWAY = "No connection. What is said meanwhile arrives when it is back.";
const EMPTY_WORDS: Record<Exclude<Phase, "refused">, string> = {
  connecting: "Waiting for the gateway.",
  replaying: "Reading what was said before.",
  live: "Nobody has said anything yet. Write below; everyone on /chat sees it.",
  lost: AWAY,
  cut: AWAY,
};
