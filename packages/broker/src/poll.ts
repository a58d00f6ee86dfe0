import { setTimeout as sleep } from "node:timers/promises";

/**
 * Asks until the answer is something other than `undefined`.
 *
 * @param options.timeoutMs milliseconds after which `undefined` is returned @default 10_000
 * @param options.everyMs milliseconds between two questions @default 50
 */
export async function poll<T>(
  ask: () => Promise<T | undefined> | T | undefined,
  options: { timeoutMs?: number; everyMs?: number; signal?: AbortSignal | undefined } = {},
): Promise<T | undefined> {
  const until = performance.now() + (options.timeoutMs ?? 10_000);
  for (;;) {
    options.signal?.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined || performance.now() >= until) return answer;
    await sleep(options.everyMs ?? 50, undefined, options.signal ? { signal: options.signal } : {});
  }
}
