/** Attaches to the broker of its argument, stops and starts it, and says how far it came. */
import { attachBroker, type BrokerHandle } from "../src/index.ts";

const broker = attachBroker(JSON.parse(process.argv[2] ?? "") as BrokerHandle);
await broker.faults.stop({ abrupt: true });
process.stdout.write("stopped\n");
await broker.faults.start();
process.stdout.write("started\n");
await broker.release();
process.stdout.write("released\n");
