import { useSyncExternalStore } from "react";
import type { Line, LineView } from "./line.ts";

/** Draws again when the line has something new to show: at most once per frame. */
export function useLine(line: Line): LineView {
  return useSyncExternalStore(line.subscribe, line.view);
}
