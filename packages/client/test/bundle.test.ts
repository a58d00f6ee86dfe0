import { readFile } from "node:fs/promises";
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";

import { build, type BuildOptions } from "esbuild";
import { describe, expect, it } from "vitest";

import { stage, until } from "./proof.ts";

const packageFolder = new URL("..", import.meta.url).pathname;

/** Bundles what an application that uses everything would, for browsers. */
function bundle(options: BuildOptions) {
  return build({
    stdin: { contents: `export * from "./src/index.ts"`, resolveDir: packageFolder },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2024",
    conditions: ["@warren/source"],
    write: false,
    metafile: true,
    ...options,
  });
}

async function gzippedKilobytes(options: BuildOptions): Promise<number> {
  const { outputFiles } = await bundle(options);
  return gzipSync(outputFiles![0]!.contents, { level: 9 }).length / 1_000;
}

describe("the bundle", () => {
  it("is within the sizes that the README states, and they are not idle ones", async () => {
    const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
    const stated = /At most ([\d.]+) kB minified and gzipped, ([\d.]+) kB with `socket\.io-client`/.exec(readme);
    const alone = await gzippedKilobytes({ external: ["socket.io-client"] });
    const whole = await gzippedKilobytes({});
    const [budgetAlone, budgetWhole] = [Number(stated?.[1]), Number(stated?.[2])];
    expect(alone).toBeLessThanOrEqual(budgetAlone);
    expect(alone).toBeGreaterThan(budgetAlone * 0.85);
    expect(whole).toBeLessThanOrEqual(budgetWhole);
    expect(whole).toBeGreaterThan(budgetWhole * 0.85);
  });

  it("rests on socket.io-client alone", async () => {
    const { metafile } = await bundle({ packages: "external", platform: "neutral" });
    const outside = Object.values(metafile!.inputs).flatMap(({ imports }) =>
      imports.filter(({ external }) => external === true).map(({ path }) => path),
    );
    expect(new Set(outside)).toEqual(new Set(["socket.io-client", "@warren/events"]));
  });

  it("runs where there is nothing of Node's: publishes, hears it, and resumes", async () => {
    const { gateway } = await stage();
    const { outputFiles } = await bundle({ format: "iife", globalName: "warren" });
    // What a page served over plain HTTP has: no randomUUID.
    const page = createContext({
      WebSocket,
      setTimeout,
      clearTimeout,
      queueMicrotask,
      performance,
      TextEncoder,
      TextDecoder,
      AbortController,
      crypto: { getRandomValues: crypto.getRandomValues.bind(crypto) },
      url: gateway.url,
      heard: [] as unknown[],
    });
    runInContext(outputFiles![0]!.text, page);
    const run = (code: string): unknown => runInContext(code, page);
    run(`
      client = warren.connect(url, { topics: ["#"], backoff: { initialMs: 1, maxMs: 20 }, socket: { transports: ["websocket"] } });
      client.onAny((type, data) => heard.push(data));
    `);
    await until(() => expect(run("client.state")).toBe("live"));
    await run(`client.publish("said", "hello")`);
    await until(() => expect(run("heard.join()")).toBe("hello"));
    gateway.cut();
    gateway.append("missed");
    await until(() => expect(run("heard.join()")).toBe("hello,missed"));
    expect(run("typeof process + typeof Buffer + typeof require")).toBe("undefinedundefinedundefined");
    await run("client.close()");
  });
});
