// What the service says of an answer: effective seed, digests, and how long it took.

import { counted, element, readable } from "./elements.js";
import { fingerprint } from "./fingerprint.js";

const seen = new Map();

/** The contents of the receipt; `keep` is called to ask with a drawn seed again. */
export function receiptOf({ seed, isDrawn, answer, milliseconds }, keep) {
  const { metadata, tables, request_digest: requestDigest } = answer;
  const digests = Object.entries(tables).map(([name, table]) => digestOf(
    name, counted(table.record_count, "row"), table.content_digest));
  const keeping = element("button", { type: "button", id: "keep", click: keep }, "Keep this seed");
  return [
    element("h2", { id: "receipt-title" }, "What this is"),
    element("dl", { class: "facts" },
      factOf("Seed", element("span", { id: "effective-seed", class: "seed" }, seed),
        isDrawn ? keeping : ""),
      factOf("Answered in", element("span", { id: "timing" }, `${readable(milliseconds)} ms`)),
      factOf("Contract", `${metadata.dataset_version}, rules ${metadata.rules_version}`),
      factOf("As of", metadata.as_of_date)),
    element("h3", {}, "Content digests"),
    element("p", { class: "hint" }, "A bar for each digit: equal data looks equal."),
    ...digests,
    element("p", { class: "hint", id: "sameness" }, samenessOf(requestDigest, tables)),
    element("h3", {}, "Request digest"),
    fingerprint(requestDigest),
    element("code", { class: "digest", id: "request-digest" }, requestDigest),
  ];
}

function factOf(name, ...value) {
  return element("div", {}, element("dt", {}, name), element("dd", {}, ...value));
}

function digestOf(name, rows, digest) {
  return element("div", { class: "digest-block" },
    element("p", {}, element("strong", {}, name), ` ${rows}`),
    fingerprint(digest),
    element("code", { class: "digest", id: `digest-${name}` }, digest));
}

function samenessOf(requestDigest, tables) {
  const found = JSON.stringify(tables);
  const before = seen.get(requestDigest);
  seen.set(requestDigest, found);
  if (before === undefined) return "Ask the same again, here or elsewhere: the digests will be equal.";
  return before === found
    ? "Asked before, and made anew: every digest is the same."
    : "Asked before with other digests: please report this.";
}
