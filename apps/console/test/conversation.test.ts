import { describe, expect, it } from "vitest";
import { Conversation } from "../src/chat/conversation.ts";
import { spoken } from "../src/chat/message.ts";

const refusal = { code: "FORBIDDEN", message: "No.", retryable: false };

function seen(conversation: Conversation): string[] {
  return conversation.lines.map((line) => (line.kind === "gap" ? "gap" : `${line.id} ${line.state}`));
}

function logged(conversation: Conversation, id: string): void {
  conversation.logged({ id, name: "a", text: "b", at: 1, replayed: false });
}

describe("Conversation", () => {
  it("shows an own message as sending, then confirmed, then where the log put it, and never twice", () => {
    const talk = new Conversation();
    talk.said("own", "me", "hi", 1);
    expect(seen(talk)).toEqual(["own sending"]);
    talk.confirmed("own");
    expect(seen(talk)).toEqual(["own confirmed"]);
    logged(talk, "other");
    expect(seen(talk)).toEqual(["other received", "own confirmed"]);
    logged(talk, "own");
    logged(talk, "later");
    expect(seen(talk)).toEqual(["other received", "own confirmed", "later received"]);
  });

  it("takes the log's word where it comes before the ack, or against it", () => {
    const talk = new Conversation();
    talk.said("own", "me", "hi", 1);
    logged(talk, "own");
    talk.failed("own", refusal);
    talk.confirmed("own");
    expect(seen(talk)).toEqual(["own confirmed"]);
  });

  it("keeps a failed message with its reason until it is retried or discarded", () => {
    const talk = new Conversation();
    talk.said("own", "me", "hi", 1);
    talk.failed("own", refusal);
    expect(talk.lines).toMatchObject([{ state: "failed", error: refusal }]);
    talk.retried("own");
    expect(seen(talk)).toEqual(["own sending"]);
    talk.failed("own", refusal);
    talk.discarded("own");
    expect(seen(talk)).toEqual([]);
  });

  it("keeps a gap where it happened", () => {
    const talk = new Conversation();
    logged(talk, "a");
    talk.gap({ from: "1", to: "5", reason: "retention" }, 1);
    logged(talk, "b");
    expect(seen(talk)).toEqual(["a received", "gap", "b received"]);
  });

  it("lets the oldest lines go, and takes no more own messages than it may hold", () => {
    const talk = new Conversation({ lines: 3, unsettled: 2 });
    for (const id of ["a", "b", "c", "d"]) logged(talk, id);
    expect(seen(talk)).toEqual(["b received", "c received", "d received"]);
    talk.said("one", "me", "hi", 1);
    expect(talk.full).toBe(false);
    talk.said("two", "me", "hi", 1);
    expect(talk.full).toBe(true);
  });

  it("gives the same lines until something changed", () => {
    const talk = new Conversation();
    logged(talk, "a");
    const lines = talk.lines;
    expect(talk.lines).toBe(lines);
    logged(talk, "b");
    expect(talk.lines).not.toBe(lines);
  });
});

describe("spoken", () => {
  it.each([
    ["this page", "chat message", { name: "Ada", text: "hi" }, undefined, { name: "Ada", text: "hi" }],
    ["Socket.IO's tutorial", "chat message", "hi", undefined, { name: "somebody", text: "hi" }],
    ["a client with a token", "chat message", "hi", "ada", { name: "ada", text: "hi" }],
    ["a client without a name", "chat message", { text: "hi", name: " " }, undefined, { name: "somebody", text: "hi" }],
    ["anyone else", "joined", { who: 1 }, undefined, { name: "somebody", text: 'joined: {"who":1}' }],
    ["a publisher of nothing", "chat message", undefined, undefined, { name: "somebody", text: "chat message: " }],
  ])("reads what %s publishes", (_who, type, data, sender, words) => {
    expect(spoken(type, data, sender)).toEqual(words);
  });
});
