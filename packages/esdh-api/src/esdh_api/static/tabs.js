// Tabs as the ARIA practices have them: one stop for the Tab key, arrows between them.

import { element } from "./elements.js";

/** A tab list and its panels, of `{ id, label, content }`; the first is selected. */
export function tabs(label, parts) {
  const list = element("div", { role: "tablist", "aria-label": label, class: "tabs" });
  const panels = parts.map(panelOf);
  const buttons = parts.map((part, index) => tabOf(part, () => select(index)));
  const select = (chosen, isMoved = false) => {
    buttons.forEach((button, index) => {
      button.setAttribute("aria-selected", String(index === chosen));
      button.tabIndex = index === chosen ? 0 : -1;
      panels[index].hidden = index !== chosen;
    });
    if (isMoved) buttons[chosen].focus();
  };
  list.addEventListener("keydown", (event) => {
    const next = nextOf(event.key, buttons.indexOf(document.activeElement), buttons.length);
    if (next === undefined) return;
    event.preventDefault();
    select(next, true);
  });
  list.append(...buttons);
  select(0);
  return [list, ...panels];
}

function nextOf(key, current, count) {
  const moves = { ArrowRight: current + 1, ArrowLeft: current - 1, Home: 0, End: count - 1 };
  return key in moves ? (moves[key] + count) % count : undefined;
}

function tabOf({ id, label }, choose) {
  const facts = { type: "button", role: "tab", id: `tab-${id}`, "aria-controls": `panel-${id}` };
  return element("button", { ...facts, click: choose }, ...label);
}

function panelOf({ id, content }) {
  const facts = { role: "tabpanel", id: `panel-${id}`, "aria-labelledby": `tab-${id}` };
  return element("div", { ...facts, tabindex: 0, class: "panel" }, ...content);
}
