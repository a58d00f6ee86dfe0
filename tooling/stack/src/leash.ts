// Preloaded into every process of the stack. Its end of the IPC channel closes when the stack is gone, however it went:
// with SIGKILL too, when the stack could stop nothing itself. The process then drains as on any SIGTERM.

/** Longer than a drain of @warren/service may take. */
const DRAIN_TIMEOUT_MS = 20_000;

if (process.channel) {
  process.once("disconnect", () => {
    setTimeout(() => process.exit(1), DRAIN_TIMEOUT_MS).unref();
    process.kill(process.pid, "SIGTERM");
  });
  // Listening for "disconnect" would keep a process alive that has nothing left to do.
  process.channel.unref();
}
