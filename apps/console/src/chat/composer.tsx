import { Button, Input } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useState, type FormEvent } from "react";
import type { ChatRoom } from "./chat-room.ts";
import styles from "./composer.module.css";
import { MAX_NAME, MAX_TEXT } from "./message.ts";

/** Name, text, send. The text stays when it could not be taken. */
export function Composer({ room }: { room: ChatRoom }) {
  const [name, setName] = useLocalStorage({
    key: "warren:console:name",
    defaultValue: "",
    getInitialValueInEffect: false,
  });
  const [text, setText] = useState("");
  const [full, setFull] = useState(false);

  const send = (event: FormEvent) => {
    event.preventDefault();
    const said = text.trim();
    if (said === "") return;
    const taken = room.say(name.trim() === "" ? "guest" : name.trim(), said);
    setFull(!taken);
    if (taken) setText("");
  };

  return (
    <form className={styles["composer"]} onSubmit={send} aria-label="Say something">
      <Input
        aria-label="Your name"
        placeholder="Your name"
        size="sm"
        maxLength={MAX_NAME}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <div className={styles["row"]}>
        <Input
          className={styles["text"]}
          aria-label="Message"
          placeholder="Message"
          size="sm"
          maxLength={MAX_TEXT}
          autoComplete="off"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button type="submit" size="sm">
          Send
        </Button>
      </div>
      {full && (
        <p className={styles["fault"]} role="alert">
          Too many messages wait to be sent. Restore the connection, or discard some, then send again.
        </p>
      )}
    </form>
  );
}
