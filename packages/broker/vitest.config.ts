import { proofs } from "@warren/vitest";

export default proofs({ brokerSetup: "./src/vitest-setup.ts" });
