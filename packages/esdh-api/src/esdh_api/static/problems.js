// Why something did not work, in words for people; the service words its refusals for programs.

import { element } from "./elements.js";
import { Refused } from "./service.js";

const PLAIN = {
  "missing-key": "The key is missing. Put in the key that you were given for this service.",
  "odd-key": "This cannot be a key: keys have no blanks and no accented letters.",
  "unauthorized": "This key was not accepted. Compare it with the one that you were given, or ask for a new one.",
  "key-in-request": "A key stands in another field. Put it into the key field alone.",
  "rate-limited": "Too many requests in a short time. Please wait.",
  "busy": "The service is busy with other large requests. Try again in a moment.",
  "storage-unreachable": "The service cannot count requests just now. Try again in a few seconds.",
  "stopping": "The service is being stopped. Try again later.",
  "internal": "The service made a mistake; yours it was not. Please report it.",
  "unreachable": "The service does not answer. Is it running?",
};
const ABOUT_THE_KEY = new Set(["missing-key", "odd-key", "unauthorized", "key-in-request"]);

const tickings = new Map();

/** Say it in a box, with the way to its documentation, and count down where waiting helps. */
export function tellProblem(box, error) {
  const refused = error instanceof Refused ? error : new Refused("this page failed; reload it");
  const sentence = PLAIN[refused.code] ?? fieldOf(refused)?.dataset.allowed ?? refused.message;
  const help = refused.help ? [" ", element("a", { href: refused.help }, "What this means")] : [];
  box.replaceChildren(sentence, ...help);
  if (refused.status === 429) countDown(box, refused.wait);
  if (error !== refused) throw error;
}

/** Take back what was said in a box. */
export function clearProblem(box) {
  clearInterval(tickings.get(box));
  box.replaceChildren();
}

/** The form's field that a refusal is about: the service's sentence begins with its name. */
export function fieldOf({ code, message }) {
  const name = ABOUT_THE_KEY.has(code) ? "key" : /^(records|seed) must be\b/.exec(message)?.[1];
  return name ? document.getElementById(name) : null;
}

function countDown(box, wait) {
  const left = element("span", { class: "wait", "aria-hidden": "true" }, ` ${wait} s left.`);
  box.append(element("span", { class: "unseen" }, ` ${wait} seconds.`), left);
  let seconds = wait;
  const tick = () => {
    seconds -= 1;
    left.textContent = ` ${seconds} s left.`;
    if (seconds > 0) return;
    clearProblem(box);
    box.textContent = "You can ask again now.";
  };
  tickings.set(box, setInterval(tick, 1000));
}
