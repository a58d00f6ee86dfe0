import { proofs } from "@warren/vitest";

export default proofs();
