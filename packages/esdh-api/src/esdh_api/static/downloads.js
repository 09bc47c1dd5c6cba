// Files of the dataset that is shown: every table in every format, fetched when asked for.

import { element } from "./elements.js";
import { ask, FORMATS } from "./service.js";

/** The name of a file, which tells what is in it. */
export function fileNameOf(what, { seed, records }, ending) {
  return `${what}-seed-${seed}-records-${records}.${ending}`;
}

/** A line of buttons for each `{ kind, name, tables }`; `run` runs what a button does. */
export function downloadsOf(parts, parameters, run) {
  const lines = parts.map((part) => {
    const offered = FORMATS.filter((format) => format.tables === "all" || part.tables.length === 1);
    const buttons = offered.map((format) => buttonOf(part, format, parameters, run));
    return element("li", {}, element("span", { class: "download-name" }, part.name), ...buttons);
  });
  return element("ul", { class: "downloads" }, ...lines);
}

function buttonOf({ kind, name }, format, parameters, run) {
  const fileName = fileNameOf(kind, parameters, format.ending);
  const label = `Download ${name} as ${format.name}`;
  const save = () => run(async (key) => {
    const response = await ask(kind, parameters, { key, mediaType: format.mediaType });
    hand(await response.blob(), fileName);
    return `${fileName} saved`;
  });
  return element("button", { type: "button", "aria-label": label, click: save }, format.name);
}

function hand(blob, fileName) {
  const address = URL.createObjectURL(blob);
  element("a", { href: address, download: fileName }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
