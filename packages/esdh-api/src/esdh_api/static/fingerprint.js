// A digest as a strip of bars, one for each hexadecimal digit: equal data is equal at a glance.

import { drawn } from "./elements.js";

const DIGITS = 64;

/** Bars of a digest such as "blake3:35...", or a flat line without one. */
export function fingerprint(digest) {
  const digits = (digest ?? "").split(":").pop().padEnd(DIGITS, "0");
  const strip = drawn("svg", {
    class: "fingerprint",
    viewBox: `0 0 ${DIGITS} 16`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  strip.append(...bars(digits));
  return strip;
}

/** Let the bars of a strip that is shown grow to those of another digest. */
export function become(strip, digest) {
  strip.replaceChildren(...fingerprint(digest).childNodes);
  strip.setAttribute("viewBox", `0 0 ${DIGITS} 16`);
  strip.setAttribute("preserveAspectRatio", "none");
}

function bars(digits) {
  return [...digits].map((digit, index) => {
    const height = 1 + Number.parseInt(digit, 16);
    return drawn("rect", { x: index, y: 16 - height, width: 0.62, height });
  });
}
