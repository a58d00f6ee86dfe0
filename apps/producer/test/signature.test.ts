import { describe, expect, it } from "vitest";
import { checkSignature, sign } from "../src/webhooks/github/signature.ts";

// The worked example of GitHub's documentation.
const secret = "It's a Secret to Everybody";
const body = Buffer.from("Hello, World!");
const signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

const codeOf = (given: string | undefined) => {
  try {
    checkSignature(secret, body, given);
    return "accepted";
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

describe("the signature of a delivery", () => {
  it("is GitHub's", () => {
    expect(sign(secret, body)).toBe(signature);
    expect(codeOf(signature)).toBe("accepted");
  });

  it("covers every byte of the body", () => {
    expect(() => checkSignature(secret, Buffer.from("Hello, World?"), signature)).toThrow("does not match");
  });

  it.each([undefined, ""])("is missing when the header is %j", (given) => {
    expect(codeOf(given)).toBe("SIGNATURE_MISSING");
  });

  it.each([
    signature.slice(0, -1),
    `${signature}0`,
    signature.toUpperCase(),
    signature.replace("sha256", "sha1"),
    signature.replace("757", "756"),
    "sha256=",
    "ä".repeat(71),
  ])("is refused when it is %j", (given) => {
    expect(codeOf(given)).toBe("SIGNATURE_INVALID");
  });
});
