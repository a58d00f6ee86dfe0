/** Why a server could not listen, and what to do, where the port is the reason; else undefined. */
export function portTaken(error: unknown, port: number, variable: string): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") {
    return `${variable}: port ${port} is taken by another process; stop it, or set ${variable} to a free port`;
  }
  if (code === "EACCES")
    return `${variable}: this user may not listen on port ${port}; set ${variable} to one above 1023`;
  return undefined;
}
