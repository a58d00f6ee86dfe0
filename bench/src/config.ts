/** The environment of the servers that are measured: this process's own, and what each is to know besides. */
export function environmentWith(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...more };
}
