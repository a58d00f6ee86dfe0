#!/usr/bin/env node
import { existsSync } from "node:fs";

const main = new URL("../dist/main.js", import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write(
    "warren-conformance is not built: run `npx turbo run build --filter=@warren/conformance` first.\n",
  );
  process.exitCode = 2;
}
