import type { PositionString } from "@warren/events";

/** Where a client keeps its position between runs. May be asynchronous; what it throws is reported, never fatal. */
export interface PositionStore {
  load(key: string): PositionString | undefined | Promise<PositionString | undefined>;
  save(key: string, position: PositionString): void | Promise<void>;
}

/** Keeps positions for as long as the store object lives. */
export function memoryStore(): PositionStore {
  const positions = new Map<string, PositionString>();
  return {
    load: (key) => positions.get(key),
    save: (key, position) => void positions.set(key, position),
  };
}

/** The part of the Web Storage API that is used. */
export interface WebStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

declare const localStorage: WebStorage;

/**
 * Keeps positions in the browser's `localStorage`, under `<prefix>:<url> <topics>`. Several users of one browser each
 * need a prefix of their own. Pass `sessionStorage` to keep one position per tab.
 */
export function localStorageStore(prefix: string, storage?: WebStorage): PositionStore {
  // Looked up at each use: naming it throws where the browser forbids storage, and that is then reported.
  const at = () => storage ?? localStorage;
  return {
    load: (key) => at().getItem(`${prefix}:${key}`) ?? undefined,
    save: (key, position) => at().setItem(`${prefix}:${key}`, position),
  };
}
