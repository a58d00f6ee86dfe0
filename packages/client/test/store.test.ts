import { describe, expect, it, vi } from "vitest";

import { localStorageStore, type PositionStore, type WarrenError } from "../src/index.ts";
import { heard, reaches, stage, until } from "./proof.ts";

/** A store that shows every write. */
function watchedStore(kept?: string): PositionStore & { saves: [string, string][] } {
  const saves: [string, string][] = [];
  return { saves, load: () => kept, save: (key, position) => void saves.push([key, position]) };
}

describe("a position store", () => {
  it("is written at most once per interval, and at once on close", async () => {
    const { gateway, join } = await stage();
    const store = watchedStore();
    const client = join({ store, saveIntervalMs: 60_000, topics: ["room.*", "#"] });
    await reaches(client, "live");
    for (let i = 0; i < 50; i++) gateway.append(i);
    await until(() => expect(client.stats.received).toBe(50));
    expect(store.saves).toEqual([]);
    await client.close();
    expect(store.saves).toEqual([[`${gateway.url} # room.*`, client.position]]);
  });

  it("is written within the interval while events come", async () => {
    const { gateway, join } = await stage();
    const store = watchedStore();
    const client = join({ store, saveIntervalMs: 1 });
    await reaches(client, "live");
    const position = gateway.append(1);
    await until(() => expect(store.saves.at(-1)?.[1]).toBe(position));
  });

  it("is written when the connection is lost, and when it is cut by hand", async () => {
    const { gateway, join } = await stage();
    const store = watchedStore();
    const client = join({ store, saveIntervalMs: 60_000 });
    await reaches(client, "live");
    const first = gateway.append(1);
    await until(() => expect(client.position).toBe(first));
    gateway.cut();
    await until(() => expect(store.saves.at(-1)?.[1]).toBe(first));
    await until(() => expect(client.stats.connections).toBe(2));
    const second = gateway.append(2);
    await until(() => expect(client.position).toBe(second));
    client.disconnect();
    expect(store.saves.at(-1)?.[1]).toBe(second);
  });

  it("is written when the page is left, before that turn is over", async () => {
    const { gateway, join } = await stage();
    const page = new EventTarget();
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
    try {
      const store = watchedStore();
      const client = join({ store, saveIntervalMs: 60_000 });
      await reaches(client, "live");
      const position = gateway.append(1);
      await until(() => expect(client.position).toBe(position));
      page.dispatchEvent(new Event("pagehide"));
      expect(store.saves.map(([, saved]) => saved)).toEqual([position]);
      await client.close();
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it("may be asynchronous: one write at a time, the last one always, and close waits for it", async () => {
    const { gateway, join } = await stage();
    let writing = 0;
    const saved: string[] = [];
    const store: PositionStore = {
      load: async () => "<0",
      save: async (_, position) => {
        expect(++writing).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 5));
        writing--;
        saved.push(position);
      },
    };
    gateway.append("missed");
    const client = join({ store, saveIntervalMs: 0 });
    const data = heard(client);
    await until(() => expect(data).toEqual(["missed"]));
    for (let i = 0; i < 20; i++) gateway.append(i);
    await until(() => expect(data.length).toBe(21));
    await client.close();
    expect(saved.at(-1)).toBe(client.position);
    expect(saved.length).toBeLessThan(21);
  });

  it("that fails, or holds nonsense, is reported and never fatal", async () => {
    const { gateway, join } = await stage();
    const store: PositionStore = {
      load: () => "nonsense",
      save: () => {
        throw new Error("quota");
      },
    };
    const client = join({ store, saveIntervalMs: 0 });
    const errors: WarrenError[] = [];
    client.onError((error) => errors.push(error));
    const data = heard(client);
    await reaches(client, "live");
    gateway.append(1);
    await until(() => expect(data).toEqual([1]));
    await until(() => expect(errors.length).toBeGreaterThan(1));
    expect(errors[0]?.message).toContain('"nonsense" is no position');
    expect(errors[1]?.message).toContain("quota");
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(["STORE_FAILED"]));
    expect(gateway.handshakes[0]?.position).toBe("now");
  });

  it("over localStorage keeps a position per prefix, URL and topics, and no secret of the URL", async () => {
    const { gateway, join } = await stage();
    const items = new Map<string, string>();
    const storage = {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
    };
    const first = join({ store: localStorageStore("app", storage), socket: { query: { secret: "s" } } });
    await reaches(first, "live");
    await first.close();
    expect([...items]).toEqual([[`app:${gateway.url} #`, "<0"]]);
    gateway.append("missed");
    const second = join({ store: localStorageStore("app", storage) });
    const data = heard(second);
    await until(() => expect(data).toEqual(["missed"]));
  });
});
