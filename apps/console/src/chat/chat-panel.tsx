import { useSyncExternalStore } from "react";
import { LineHeader } from "../connection/line-header.tsx";
import { useLine } from "../connection/use-line.ts";
import styles from "./chat-panel.module.css";
import type { ChatRoom } from "./chat-room.ts";
import { Composer } from "./composer.tsx";
import { RoomLines } from "./room-lines.tsx";

const TITLE = "Chat";

export interface ChatPanelProps {
  room: ChatRoom;
  hidden: boolean;
}

/** One room: what was said in it since the log began, and what the reader says next. */
export function ChatPanel({ room, hidden }: ChatPanelProps) {
  const view = useLine(room.line);
  const lines = useSyncExternalStore(room.line.subscribe, room.lines);
  return (
    <section className={styles["panel"]} aria-labelledby="chat-title" hidden={hidden}>
      <LineHeader id="chat-title" title={TITLE} namespace={`/chat · ${room.topic}`} line={room.line} view={view} />
      <RoomLines lines={lines} view={view} room={room} />
      <Composer room={room} />
    </section>
  );
}
