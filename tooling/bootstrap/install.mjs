// Brings node_modules to what package-lock.json says, before `npm start`, `npm test` and `npm run demo`.
//
// It runs before anything is installed, on the system's Node: no dependency, no TypeScript. The script that npm runs
// after it gets the project's own Node, because npm puts node_modules/.bin first on the PATH.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The oldest Node that can run this file and npm 10; everything else runs on the Node that is installed by it. */
const OLDEST_NODE = 20;
const OLDEST_NPM = 10;

const root = fileURLToPath(new URL("../../", import.meta.url));
const lockFile = join(root, "package-lock.json");
const modules = join(root, "node_modules");
/** Written by npm when an installation is complete. */
const installedLock = join(modules, ".package-lock.json");
/** Written by this file: the hash of the lock file that node_modules was last seen to match. */
const stamp = join(modules, ".warren-lock");
const ownNode = join(modules, ".bin", process.platform === "win32" ? "node.cmd" : "node");

bootstrap();

function bootstrap() {
  const fault = unusable();
  if (fault !== undefined) stop(fault);

  const lock = readFileSync(lockFile);
  const hash = createHash("sha256").update(lock).digest("hex");
  if (stamped() === hash && existsSync(installedLock)) return;
  if (!installedBy(lock)) install();
  writeFileSync(stamp, `${hash}\n`);
}

/** Says what keeps this Node or npm from installing, if anything does. */
function unusable() {
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
    return `Node ${OLDEST_NODE} or later is needed and this is ${process.versions.node}: install a newer Node.`;
  }
  const agent = process.env.npm_config_user_agent ?? "";
  const [, manager, version] = /^(\w+)\/([\d.]+)/.exec(agent) ?? [];
  if (manager !== undefined && manager !== "npm") {
    return `this repository is installed with npm and this is ${manager}: run the same command with npm.`;
  }
  if (version !== undefined && Number.parseInt(version, 10) < OLDEST_NPM) {
    return `npm ${OLDEST_NPM} or later is needed and this is ${version}: run \`npm install --global npm\`.`;
  }
  return undefined;
}

function stamped() {
  return existsSync(stamp) ? readFileSync(stamp, "utf8").trim() : undefined;
}

/** Whether what npm says it installed is what the lock file asks for: true after somebody's own `npm install`. */
function installedBy(lock) {
  if (!existsSync(installedLock) || !existsSync(ownNode)) return false;
  const wanted = JSON.parse(lock.toString("utf8")).packages;
  const installed = JSON.parse(readFileSync(installedLock, "utf8")).packages;
  return (
    Object.entries(wanted).every(([path, entry]) => path === "" || path in installed || entry.optional === true) &&
    Object.entries(installed).every(([path, entry]) => JSON.stringify(entry) === JSON.stringify(wanted[path]))
  );
}

function install() {
  const why = existsSync(modules) ? "node_modules does not match package-lock.json" : "first run";
  console.log(`warren: ${why}: installing what package-lock.json names (npm ci, about a minute)`);
  const begun = Date.now();
  // --include=dev: the project's Node and its tools are devDependencies, and NODE_ENV=production would leave them out.
  // --loglevel=error: npm would warn of every package that the system's Node is too old for, and none will run on it.
  const args = ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = process.env.npm_execpath;
  const run =
    npm === undefined
      ? spawnSync("npm", args, { cwd: root, stdio: "inherit", shell: process.platform === "win32" })
      : spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: "inherit" });
  if (run.error !== undefined) stop(`npm could not be started (${run.error.message}): is it on the PATH?`);
  if (run.signal !== null) stop(`npm ci was ended by ${run.signal}: run the same command again.`);
  if (run.status !== 0) {
    stop(`npm ci failed (exit code ${run.status}), its own message stands above: mend that and run the same command.`);
  }
  if (!existsSync(ownNode)) {
    stop(
      "npm was told to run no install scripts, so the project's Node is missing: run `npm ci --ignore-scripts=false`.",
    );
  }
  console.log(`warren: installed in ${Math.round((Date.now() - begun) / 1000)} s`);
}

function stop(sentence) {
  console.error(`warren: ${sentence}`);
  process.exit(1);
}
