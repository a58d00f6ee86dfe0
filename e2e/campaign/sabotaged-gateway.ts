/** A gateway with one fault built in: the product's own sources, with a class changed before it starts. */
import { createRequire } from "node:module";
import { isSabotage, SABOTAGES, type Sabotage } from "./sabotage.ts";

const gateway = new URL("../../apps/gateway/src/", import.meta.url);
const { Session } = (await import(new URL("recovery/session.ts", gateway).href)) as { Session: { prototype: object } };
const { Socket } = createRequire(new URL("gate.ts", gateway))("socket.io") as { Socket: { prototype: object } };

const ONE_IN = 100;

type Method = (...args: unknown[]) => unknown;

const breaks: Record<Sabotage, () => void> = {
  "skip-replay": () =>
    replace(
      Session.prototype,
      "start",
      (original) =>
        function start(this: unknown) {
          return original.call(this, "now");
        },
    ),
  "drop-one": () =>
    replace(
      Session.prototype,
      "deliver",
      (original) =>
        function deliver(this: unknown, ...args) {
          if (Math.random() * ONE_IN >= 1) original.apply(this, args);
        },
    ),
  "repeat-one": () =>
    replace(
      Session.prototype,
      "deliver",
      (original) =>
        function deliver(this: unknown, ...args) {
          original.apply(this, args);
          if (Math.random() * ONE_IN < 1) original.apply(this, args);
        },
    ),
  "swallow-gap": () =>
    replace(
      Socket.prototype,
      "emit",
      (original) =>
        function emit(this: unknown, ...args) {
          return args[0] === "warren:gap" ? true : original.apply(this, args);
        },
    ),
};

function replace(
  prototype: object,
  name: string,
  by: (original: Method) => (this: unknown, ...args: unknown[]) => unknown,
): void {
  const original = Reflect.get(prototype, name) as Method | undefined;
  if (typeof original !== "function") throw new Error(`nothing to sabotage: there is no "${name}" any more`);
  Reflect.set(prototype, name, by(original));
}

const [name = ""] = process.argv.slice(2);
if (!isSabotage(name)) throw new Error(`expected one of ${Object.keys(SABOTAGES).join(", ")}, got "${name}"`);
breaks[name]();
await import(new URL("main.ts", gateway).href);
