import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";

/** A path: vitest looks for a set-up module as a file, not as a package's export. */
const BROKER_SETUP = fileURLToPath(new URL("../../packages/broker/src/vitest-setup.ts", import.meta.url));

/**
 * The two kinds of proof, as two vitest projects of one package: `test` needs no broker and may be cached;
 * `broker` runs against a real RabbitMQ and never is.
 *
 * @param options.brokerSetup module that brings the broker up for the run, as the package resolves it
 *   @default packages/broker's
 */
export function proofs(options: { brokerSetup?: string } = {}): ViteUserConfig {
  // vitest hands these to Node as well: "import" or "module" here would break every `require` of a dual package.
  const conditions = ["@warren/source", "node"];
  const resolve = { conditions };
  const ssr = { resolve: { conditions, externalConditions: ["@warren/source", "node"] } };
  return defineConfig({
    test: {
      passWithNoTests: true,
      reporters: ["default", ["json", { outputFile: reportFile() }]],
      projects: [
        {
          resolve,
          ssr,
          test: {
            name: "test",
            include: ["test/**/*.test.ts"],
            exclude: ["test/broker/**"],
            testTimeout: 20_000,
          },
        },
        {
          resolve,
          ssr,
          test: {
            name: "broker",
            include: ["test/broker/**/*.test.ts"],
            // One broker serves the run and some tests stop it, so files take turns.
            fileParallelism: false,
            globalSetup: [options.brokerSetup ?? BROKER_SETUP],
            testTimeout: 60_000,
            hookTimeout: 60_000,
          },
        },
      ],
    },
  });
}

/** Where the JSON report of this run goes: one file per kind of proof, so that both totals can be added up. */
function reportFile(): string {
  const at = process.argv.indexOf("--project");
  return `reports/${at < 0 ? "all" : process.argv[at + 1]}.json`;
}
