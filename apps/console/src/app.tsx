import { SegmentedControl } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useState } from "react";
import styles from "./app.module.css";
import { ChatPanel } from "./chat/chat-panel.tsx";
import type { ChatRoom } from "./chat/chat-room.ts";
import { DeliveriesPanel } from "./deliveries/deliveries-panel.tsx";
import type { DeliveryFeed } from "./deliveries/delivery-feed.ts";
import { SchemeChoice } from "./theme/scheme-choice.tsx";

type Panel = "deliveries" | "chat";

const PANELS = [
  { value: "deliveries", label: "Deliveries" },
  { value: "chat", label: "Chat" },
] satisfies { value: Panel; label: string }[];

export interface AppProps {
  feed: DeliveryFeed;
  room: ChatRoom;
}

/** Both panels side by side where there is room, one at a time where there is not; both stay connected. */
export function App({ feed, room }: AppProps) {
  const [panel, setPanel] = useState<Panel>("deliveries");
  const narrow = useMediaQuery("(max-width: 59.99em)", undefined, { getInitialValueInEffect: false });
  return (
    <div className={styles["page"]}>
      <header className={styles["header"]}>
        <h1 className={styles["name"]}>
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <path d="M3 9l6.5 15L16 12l6.5 12L29 9" />
          </svg>
          Warren
        </h1>
        {narrow && (
          <SegmentedControl
            aria-label="Panel"
            size="xs"
            withItemsBorders={false}
            data={PANELS}
            value={panel}
            onChange={(value) => setPanel(value)}
          />
        )}
        <SchemeChoice />
      </header>
      <main className={styles["main"]}>
        <DeliveriesPanel feed={feed} hidden={narrow && panel !== "deliveries"} />
        <ChatPanel room={room} hidden={narrow && panel !== "chat"} />
      </main>
    </div>
  );
}
