/** A random id of 128 bits. `crypto.randomUUID` would do, but exists only on secure origins, and a gateway may serve plain HTTP. */
export function messageId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
