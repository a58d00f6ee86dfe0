import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

import { describe, expect, it, onTestFinished } from "vitest";

import { defaults } from "../src/index.ts";
import { stage, until } from "./proof.ts";

const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
const plain = new URL("../examples/plain.mjs", import.meta.url);
const blocks = [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({ language, text }));

describe("the README", () => {
  it("shows the plain client as it is, and both clients in under 15 lines", async () => {
    const code = await readFile(plain, "utf8");
    expect(blocks.filter(({ language }) => language === "js")).toEqual([{ language: "js", text: code }]);
    expect(code.split("\n").length - 1).toBeLessThan(15);
    expect(blocks[0]!.text!.split("\n").length - 1).toBeLessThan(15);
  });

  it("tells every option with its default", async () => {
    const rows = [...readme.matchAll(/^\| `(\w+)` \| [^|]*\| ([^|]+) \| [^|]+\|$/gm)];
    const told = Object.fromEntries(rows.map(([, name, value]) => [name, value]));
    const source = await readFile(new URL("../src/options.ts", import.meta.url), "utf8");
    const declared = /export interface ClientOptions \{([\s\S]*?)\n\}/.exec(source)![1]!;
    expect(Object.keys(told)).toEqual([...declared.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name));
    for (const [name, value] of Object.entries(defaults)) expect(told[name]).toBe(`\`${JSON.stringify(value)}\``);
  });

  it("tells every code of the client's own", async () => {
    const source = await readFile(new URL("../src/errors.ts", import.meta.url), "utf8");
    const declared = /export type ClientCode =([\s\S]*?);/.exec(source)![1]!;
    const codes = [...declared.matchAll(/"(\w+)"/g)].map(([, code]) => code);
    expect([...readme.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code)).toEqual(codes);
  });
});

describe("the plain client", () => {
  it("gets everything once and in order through cuts, a dismissal, and a refusal that is retryable", async () => {
    const { gateway } = await stage();
    const child = spawn(process.execPath, [plain.pathname, gateway.url], { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(async () => {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    });
    const data: unknown[] = [];
    let ready = 0;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const { type, data: datum }: { type: string; data: unknown } = JSON.parse(line);
      if (type === "warren:ready") ready++;
      if (!type.startsWith("warren:")) data.push(datum);
    });
    await until(() => expect(ready).toBe(1));
    gateway.append(1);
    gateway.cut();
    gateway.append(2);
    await until(() => expect(ready).toBe(2));
    gateway.dismiss();
    gateway.append(3);
    await until(() => expect(ready).toBe(3));
    gateway.script.refuse = (connection) =>
      connection === 4 ? { code: "NOT_READY", message: "Wait.", retryable: true, retryAfterMs: 10 } : undefined;
    gateway.cut();
    gateway.append(4);
    await until(() => expect(ready).toBe(4));
    await until(() => expect(data).toEqual([1, 2, 3, 4]));
    expect(gateway.handshakes.length).toBe(5);
  }, 15_000);
});
