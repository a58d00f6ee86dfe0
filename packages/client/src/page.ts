type PageListener = (type: "pagehide", listener: () => void) => void;

declare const addEventListener: PageListener | undefined;
declare const removeEventListener: PageListener | undefined;

/** Calls `listener` when the page this runs in, if any, is left: the last moment at which it may still save something. */
export function onPageHide(listener: () => void): () => void {
  if (typeof addEventListener !== "function") return () => {};
  addEventListener("pagehide", listener);
  return () => {
    if (typeof removeEventListener === "function") removeEventListener("pagehide", listener);
  };
}
