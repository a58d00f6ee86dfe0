import { Button } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import type { ReactNode } from "react";

const SAID_FOR_MS = 1500;

export interface CopyButtonProps {
  text: () => string;
  /** Accessible name, where the button's own words are too few. @default the children */
  label?: string;
  children: ReactNode;
}

/** Copies a text; asked for it only when pressed. The button's width stays while it says what happened. */
export function CopyButton({ text, label, children }: CopyButtonProps) {
  const clipboard = useClipboard({ timeout: SAID_FOR_MS });
  const said = clipboard.error !== null ? "Not allowed" : clipboard.copied ? "Copied" : undefined;
  return (
    <Button
      size="compact-sm"
      variant="default"
      miw="6rem"
      aria-label={said ?? label}
      onClick={() => clipboard.copy(text())}
    >
      {said ?? children}
    </Button>
  );
}
