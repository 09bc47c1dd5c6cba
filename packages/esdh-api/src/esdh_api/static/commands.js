// The same dataset from a terminal: what is printed here can be run as it stands.

import { element } from "./elements.js";
import { addressOf } from "./service.js";

/** A curl that saves the same answer; it names the variable that holds the key, never the key. */
export function curlCommand({ kind, parameters, needsKey, fileName }) {
  const key = needsKey ? ' -H "Authorization: Bearer $ESDH_API_KEY"' : "";
  return `curl -fsS${key} "${location.origin}${addressOf(kind, parameters)}" -o ${fileName}`;
}

/** The `esdh-cli` that makes the same rows without the service. */
export function cliCommand({ tables, parameters }) {
  const { records, seed, dataset_version: version } = parameters;
  const request = `--records ${records} --seed ${seed} --dataset-version ${version}`;
  if (tables.length === 1) return `esdh-cli print-table ${tables[0]} ${request}`;
  const directory = `data/snapshots/${version}-seed-${seed}-records-${records}`;
  return `esdh-cli generate-snapshot ${request} --output-dir ${directory}`;
}

/** A command with a button that copies it; `say` is told how that went. */
export function commandOf(id, title, note, command, say) {
  const code = element("code", { id, tabindex: 0 }, ...wordsOf(command));
  const copy = async () => {
    const isCopied = await copied(code);
    say(isCopied ? `${title} command copied` : "Copying is not allowed here; the command is selected");
  };
  const label = `Copy the ${title} command`;
  return element("div", { class: "command" },
    element("div", { class: "command-head" },
      element("div", {}, element("h4", {}, title), element("p", { class: "hint" }, note)),
      element("button", { type: "button", "aria-label": label, click: copy }, "Copy")),
    element("pre", {}, code));
}

/** Words that a line breaks between, never at the dashes of an option. */
function wordsOf(command) {
  return command.split(" ").flatMap((word) => [element("span", { class: "word" }, word), " "]).slice(0, -1);
}

async function copied(code) {
  getSelection().selectAllChildren(code);
  try {
    await navigator.clipboard.writeText(code.textContent);
    return true;
  } catch {
    return document.execCommand("copy");
  }
}
