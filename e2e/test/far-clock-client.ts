/** A plain client in a process whose clock is years off: `far-clock-client.ts URL YEARS LAST_ID`. Is cut after every ten events. */
const [url = "", years = "0", last = ""] = process.argv.slice(2);
const RealDate = Date;
const off = new RealDate();
off.setFullYear(off.getFullYear() + Number(years));
const offsetMs = off.getTime() - RealDate.now();

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, self) =>
    Reflect.construct(target, args.length === 0 ? [target.now() + offsetMs] : args, self),
  get: (target, name) => (name === "now" ? () => target.now() + offsetMs : (Reflect.get(target, name) as unknown)),
});

// Only now, so that everything in it sees the other clock.
const { PlainClient } = await import("./plain-client.ts");
const client = new PlainClient(url, { position: "first" });
client.socket.onAny(() => {
  if (client.received.length % 10 === 5) client.cut();
});
await client.until(() => client.ids.includes(last));
client.socket.disconnect();
process.stdout.write(JSON.stringify({ year: new Date().getFullYear(), ids: client.ids, gaps: client.gaps.length }));
