import { describe, expect, it, expectTypeOf } from "vitest";

import type { EventMeta, WarrenError } from "../src/index.ts";
import { heard, reaches, stage, until } from "./proof.ts";

interface Chat {
  "chat message": string;
  typing: { who: string };
}

describe("listeners", () => {
  it("get data and meta by type, in order, until they are removed", async () => {
    const { gateway, join } = await stage();
    const client = join<Chat>();
    const messages: [string, string][] = [];
    const remove = client.on("chat message", (data, meta) => {
      expectTypeOf(data).toEqualTypeOf<string>();
      messages.push([data, meta.topic]);
    });
    const typing: string[] = [];
    client.on("typing", ({ who }) => typing.push(who));
    await reaches(client, "live");
    gateway.append("one", { type: "chat message", topic: "room.a" });
    gateway.append({ who: "ada" }, { type: "typing" });
    gateway.append("two", { type: "chat message", topic: "room.b" });
    await until(() => expect(messages.length).toBe(2));
    remove();
    gateway.append("three", { type: "chat message" });
    gateway.append({ who: "bob" }, { type: "typing" });
    await until(() => expect(typing).toEqual(["ada", "bob"]));
    expect(messages).toEqual([
      ["one", "room.a"],
      ["two", "room.b"],
    ]);
  });

  it("for any event get those of undeclared types too, with their type", async () => {
    const { gateway, join } = await stage();
    const client = join<Chat>();
    const events: [string, unknown, EventMeta][] = [];
    client.onAny((type, data, meta) => events.push([type, data, meta]));
    await reaches(client, "live");
    const position = gateway.append(Buffer.from("raw"), { type: "foreign", topic: "x", id: "i1" });
    await until(() => expect(events.length).toBe(1));
    expect(events).toEqual([["foreign", Buffer.from("raw"), { topic: "x", id: "i1", position, previous: "<0" }]]);
  });

  it("that throw, or reject, are reported, and neither the others nor the position are held up", async () => {
    const { gateway, join } = await stage();
    const client = join();
    const errors: WarrenError[] = [];
    client.onError((error) => errors.push(error));
    client.onAny(() => {
      throw new Error("bad listener");
    });
    client.onAny(() => Promise.reject(new Error("bad promise")));
    const data = heard(client);
    await reaches(client, "live");
    const position = gateway.append(1);
    await until(() => expect(errors.length).toBe(2));
    expect(errors.map(({ code }) => code)).toEqual(["LISTENER_FAILED", "LISTENER_FAILED"]);
    expect(errors.map(({ message }) => message)).toEqual([
      "A listener threw: bad listener",
      "A listener threw: bad promise",
    ]);
    expect(data).toEqual([1]);
    expect(client.position).toBe(position);
  });

  it("are not given what carries no position, which is reported, nor words of a later protocol", async () => {
    const { gateway, join } = await stage();
    const client = join();
    const errors: WarrenError[] = [];
    client.onError((error) => errors.push(error));
    const data = heard(client);
    await reaches(client, "live");
    gateway.emit("said", "no meta");
    gateway.emit("said", "a string is no position", "5-00000005");
    gateway.emit("warren:from-the-future", { position: "9-00000009" });
    gateway.emit("warren:gap", "broken");
    gateway.emit("warren:position");
    gateway.append("fine");
    await until(() => expect(data).toEqual(["fine"]));
    expect(errors.map(({ code }) => code)).toEqual(["PROTOCOL_VIOLATION", "PROTOCOL_VIOLATION"]);
  });
});

describe("the map of events", () => {
  it("types what is published and what loops get", async () => {
    const { join } = await stage();
    const client = join<Chat>();
    await reaches(client, "live");
    const events = client.events();
    await client.publish("chat message", "hello");
    await client.publish("typing", { who: "ada" });
    // @ts-expect-error the data of a chat message is text
    await client.publish("chat message", 5);
    // @ts-expect-error nobody declared this type
    await client.publish("undeclared", 6);
    const got: string[] = [];
    for await (const event of events) {
      if (event.type === "typing") got.push(event.data.who);
      else got.push(event.data);
      if (got.length === 4) break;
    }
    expect(got).toEqual(["hello", "ada", 5, 6]);
  });
});
