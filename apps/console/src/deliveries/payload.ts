/** Reads `issue.user.login` from a payload nobody promised anything about; "" where there is no text or number there. */
export function read(payload: unknown, path: string): string {
  let value = payload;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null) return "";
    value = (value as Record<string, unknown>)[name];
  }
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** The length of the list at `path`, or undefined where there is none. */
export function count(payload: unknown, path: string): number | undefined {
  let value = payload;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return Array.isArray(value) ? value.length : undefined;
}

/** The first of the paths that leads to a text. */
export function readFirst(payload: unknown, ...paths: string[]): string {
  for (const path of paths) {
    const text = read(payload, path);
    if (text !== "") return text;
  }
  return "";
}
