import { Socket } from "node:net";
import { expect, it, onTestFinished, vi } from "vitest";
import { openGate } from "./gate-fixture.ts";

it("a burst reaches a client on an idle WebSocket in one write", async () => {
  const { connect, emit } = await openGate();
  const client = connect();
  await client.live();
  const write = vi.spyOn(Socket.prototype, "write");
  onTestFinished(() => write.mockRestore());
  emit(1, 2, 3, 4, 5);
  await client.received(5);
  const written = write.mock.calls.map(([data]) => String(data)).filter((text) => text.includes('"number"'));
  expect(written).toHaveLength(1);
  expect(client.numbers).toEqual([1, 2, 3, 4, 5]);
});
