// Elements made from plain values: text is always text, so that no value can become markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      made.addEventListener(name, value);
    } else if (value !== false && value !== undefined) {
      made.setAttribute(name, value === true ? "" : value);
    }
  }
  made.append(...children);
  return made;
}

/** An element; an attribute that is a function listens to the event of its name. */
export function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for the parts of a drawing. */
export function drawn(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** A number as people read it, such as 1,000. */
export function readable(number) {
  return number.toLocaleString("en-US");
}

/** A count with its noun, such as "1 row" or "200 rows". */
export function counted(number, noun) {
  return `${readable(number)} ${noun}${number === 1 ? "" : "s"}`;
}
