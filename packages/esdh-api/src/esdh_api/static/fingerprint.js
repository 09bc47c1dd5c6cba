// A digest as a strip of bars, one for each hexadecimal digit: equal data is equal at a glance.

import { drawn } from "./elements.js";

const DIGITS = 64;

/** Bars of a digest such as "blake3:35...". */
export function fingerprint(digest) {
  const digits = digest.split(":").pop();
  const strip = drawn("svg", {
    class: "fingerprint",
    viewBox: `0 0 ${DIGITS} 16`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  strip.append(...bars(digits));
  return strip;
}

function bars(digits) {
  return [...digits].map((digit, index) => {
    const height = 1 + Number.parseInt(digit, 16);
    return drawn("rect", { x: index, y: 16 - height, width: 0.62, height });
  });
}
