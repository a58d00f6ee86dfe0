import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { advice } from "../connection/fault.ts";
import type { LineView } from "../connection/line.ts";
import { CopyButton } from "../theme/copy-button.tsx";
import styles from "./empty-deliveries.module.css";

const COMMAND = "npm run demo";

export interface EmptyDeliveriesProps {
  view: LineView;
  onReadFromFirst: () => void;
}

/** What stands where rows will be. */
export function EmptyDeliveries({ view: { phase, fault }, onReadFromFirst }: EmptyDeliveriesProps) {
  if (phase === "refused" || phase === "connecting") {
    return (
      <Notice title={phase === "refused" ? "The gateway refused this page" : "Connecting"}>
        <p>{fault?.message ?? "The gateway has not answered yet."}</p>
        {fault !== undefined && <p>{advice(fault)}</p>}
      </Notice>
    );
  }
  if (phase === "cut" || phase === "lost") {
    return (
      <Notice title="Nothing yet, and no connection">
        <p>What is published meanwhile stays in the log. It arrives here when the connection is back.</p>
      </Notice>
    );
  }
  return (
    <Notice title="Nothing yet">
      <p>In another terminal:</p>
      <p className={styles["command"]}>
        <code>{COMMAND}</code>
        <CopyButton text={() => COMMAND} label={`Copy ${COMMAND}`}>
          Copy
        </CopyButton>
      </p>
      <p>
        Or look back:{" "}
        <Button size="compact-sm" variant="light" onClick={onReadFromFirst}>
          Read what the log still has
        </Button>
      </p>
    </Notice>
  );
}

function Notice({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={styles["empty"]}>
      <h3>{title}</h3>
      {children}
    </div>
  );
}
