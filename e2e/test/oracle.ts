import { comparePositions, parsePosition, type Position } from "@warren/events";
import { expect } from "vitest";
import type { PlainClient } from "./plain-client.ts";

function placeOf(position: string): Position {
  const place = parsePosition(position);
  if (place === undefined) throw new Error(`${position} is no position`);
  return place;
}

/** What every hole comes down to where nothing is gone: received = published, in order, nothing twice, no gap. */
export function expectExactly(client: PlainClient, published: readonly string[]): void {
  expect(client.gaps).toEqual([]);
  expect(client.ids).toEqual(published);
}

/**
 * What it comes down to where something is gone: published ⊆ received ∪ announced gaps, nothing twice, in order, each gap
 * before any event that lies beyond it.
 *
 * @param witness received all that was published, and so knows where each event stood
 * @param published of one life of the log
 */
export function expectNoSilentLoss(client: PlainClient, published: readonly string[], witness: PlainClient): void {
  const places = new Map(witness.received.map(({ meta }) => [meta.id, placeOf(meta.position)]));
  expect(published.filter((id) => !places.has(id))).toEqual([]);
  expect(new Set(client.ids).size).toBe(client.ids.length);
  const received = new Set(client.ids);
  const covered = (id: string) =>
    client.gaps.some(({ from, to }) => {
      const place = places.get(id)!;
      return comparePositions(placeOf(from), place) < 0 && comparePositions(place, placeOf(to)) <= 0;
    });
  expect(published.filter((id) => !received.has(id) && !covered(id))).toEqual([]);
  let reached = -1;
  for (const told of client.story) {
    const offset = typeof told === "object" ? placeOf(told.to).offset : places.get(told)!.offset;
    expect(offset).toBeGreaterThanOrEqual(reached);
    reached = offset;
  }
}
