// Why something did not work: the service's own sentence, beside what was asked.

import { element } from "./elements.js";
import { Refused } from "./service.js";

const tickings = new Map();

/** Say it in a box, with the way to its documentation, and count down where waiting helps. */
export function tellProblem(box, error) {
  const refused = error instanceof Refused ? error : new Refused("this page failed; reload it");
  const help = refused.help ? [" ", element("a", { href: refused.help }, "What this means")] : [];
  box.replaceChildren(refused.message, ...help);
  if (refused.status === 429) countDown(box, refused.wait);
  if (error !== refused) throw error;
}

/** Take back what was said in a box. */
export function clearProblem(box) {
  clearInterval(tickings.get(box));
  box.replaceChildren();
}

/** The form's field that a refusal is about: its sentence begins with the field's name. */
export function fieldOf({ status, message }) {
  const name = status === 401 ? "key" : /^(records|seed)\b/.exec(message)?.[1];
  return name ? document.getElementById(name) : null;
}

function countDown(box, wait) {
  const left = element("span", { class: "wait", "aria-hidden": "true" }, ` ${wait} s left.`);
  box.append(left);
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
