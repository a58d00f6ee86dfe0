const SECRET_NAME = /SECRET|PASSWORD|TOKEN/i;
const URL_NAME = /URL/i;
/** Up to the last `@` before the path, so that a password with an `@` of its own is covered too. */
const CREDENTIALS = /:\/\/[^\s/"]*@/g;

/** The text with the user and password of every URL in it replaced by `***`. */
export function withoutCredentials(text: string): string {
  return text.includes("@") ? text.replaceAll(CREDENTIALS, "://***@") : text;
}

/** A variable's value as it may be shown to whoever reads the terminal or the log. */
export function shownValue(name: string, value: string): string {
  if (SECRET_NAME.test(name)) return "***";
  // A URL that cannot be parsed may hold its password anywhere before the last `@`.
  const at = URL_NAME.test(name) ? value.lastIndexOf("@") : -1;
  return at >= 0 ? `${/^[a-z+]+:\/\//i.exec(value)?.[0] ?? ""}***${value.slice(at)}` : withoutCredentials(value);
}
