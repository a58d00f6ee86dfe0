import { Button } from "@mantine/core";
import { memo } from "react";
import { advice } from "../connection/fault.ts";
import { clock, machineTime, wholeTime } from "../time/clock.ts";
import { gapWords } from "../deliveries/gap-words.ts";
import type { ChatRoom } from "./chat-room.ts";
import type { Message, RoomLine } from "./message.ts";
import styles from "./room-line.module.css";

/** One line of the room. Never drawn again while it stays the same line. */
export const RoomLineView = memo(function RoomLineView({ line, room }: { line: RoomLine; room: ChatRoom }) {
  if (line.kind === "gap") {
    return (
      <li className={styles["gap"]}>
        <strong>Gap</strong> Messages may be missing here: {gapWords(line.gap).short}.
      </li>
    );
  }
  return (
    <li className={styles["line"]} data-state={line.state}>
      <span className={styles["name"]}>{line.name}</span>
      <time className={styles["time"]} dateTime={machineTime(line.at)} title={wholeTime(line.at)}>
        {clock(line.at)}
      </time>
      <span className={styles["state"]}>{STATES[line.state]}</span>
      <p className={styles["text"]}>{line.text}</p>
      {line.state === "failed" && <Failure message={line} room={room} />}
    </li>
  );
});

const STATES: Record<Message["state"], string> = {
  sending: "sending",
  confirmed: "confirmed",
  failed: "failed",
  received: "",
};

function Failure({ message: { id, error }, room }: { message: Message; room: ChatRoom }) {
  return (
    <div className={styles["failure"]} role="alert">
      <span>{error === undefined ? "It was refused." : `${error.message} ${advice(error)}`}</span>
      <span className={styles["ways"]}>
        <Button size="compact-sm" variant="default" onClick={() => room.retry(id)}>
          Retry
        </Button>
        <Button size="compact-sm" variant="subtle" onClick={() => room.discard(id)}>
          Discard
        </Button>
      </span>
    </div>
  );
}
