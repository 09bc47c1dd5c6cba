// The page: reads the form, asks, and shows what came or why nothing did.

import { chartsOf } from "./charts.js";
import { cliCommand, commandOf, curlCommand } from "./commands.js";
import { downloadsOf, fileNameOf } from "./downloads.js";
import { counted, element, readable } from "./elements.js";
import { clearProblem, fieldOf, tellProblem } from "./problems.js";
import { receiptOf } from "./receipt.js";
import { rowsOf } from "./rows.js";
import { ask, FORMATS, Refused } from "./service.js";
import { tabs } from "./tabs.js";

const at = (id) => document.getElementById(id);
const form = at("request");
const needsKey = form.dataset.needsKey === "yes";
const RESULTS = ["data", "take", "receipt"];
let running = new AbortController();

function keyGiven() {
  if (!needsKey) return "";
  const key = at("key").value.trim();
  if (!key) throw new Refused("a key is needed", { code: "missing-key" });
  return key;
}

/** A number as people may write it, with separators, as the service reads it. */
function plainNumber(text) {
  const digits = /^\d{1,3}(,\d{3})+$/.test(text) ? text.replaceAll(",", "") : text;
  return digits.replace(/^0+(?=\d)/, "");
}

function asked() {
  const choice = form.querySelector("[name=kind]:checked");
  const seed = at("random").checked ? "random" : plainNumber(at("seed").value.trim());
  return {
    kind: choice.value,
    tables: choice.dataset.tables.split(" "),
    parameters: {
      records: plainNumber(at("records").value.trim()),
      seed,
      dataset_version: form.dataset.contract,
    },
  };
}

async function generate(event) {
  event.preventDefault();
  running.abort();
  const own = (running = new AbortController());
  clearProblem(at("problem"));
  unpoint();
  at("status").textContent = "Generating\u2026";
  form.setAttribute("aria-busy", "true");
  try {
    await show(asked(), own.signal);
  } catch (error) {
    if (error.name === "AbortError") return;
    at("status").textContent = "";
    forget();
    pointAt(error);
    tellProblem(at("problem"), error);
  } finally {
    if (own === running) form.removeAttribute("aria-busy");
  }
}

async function show(question, signal) {
  const started = performance.now();
  const response = await ask(question.kind, question.parameters, {
    key: keyGiven(), mediaType: FORMATS[0].mediaType, signal,
  });
  const answer = await response.json();
  const milliseconds = Math.round(performance.now() - started);
  // The header, because a number above 2^53 would lose digits in JSON.parse.
  const seed = response.headers.get("ESDH-Seed");
  const parameters = { ...question.parameters, records: String(answer.record_count), seed };
  const isDrawn = question.parameters.seed === "random";
  const shown = { ...question, parameters, seed, isDrawn, answer, milliseconds };
  showReceipt(shown);
  showData(shown);
  showTake(shown);
  at("introduction").hidden = true;
  const rows = shown.tables.reduce((sum, name) => sum + answer[name].length, 0);
  at("status").replaceChildren(
    `${counted(rows, "row")} in ${counted(shown.tables.length, "table")}, ${readable(milliseconds)} ms. `,
    element("a", { href: "#data-title" }, "See them"));
  bringIntoView(at("data-title"));
}

/** Scroll there, as smoothly as the style sheet has it, unless it is seen already. */
function bringIntoView(heading) {
  const { top } = heading.getBoundingClientRect();
  if (top < 0 || top > innerHeight / 2) heading.scrollIntoView();
}

/** Take back what was shown, which is no answer to what was asked since. */
function forget() {
  for (const id of RESULTS) at(id).hidden = true;
  at("introduction").hidden = false;
}

function showReceipt(shown) {
  const keep = () => {
    at("random").checked = false;
    at("seed").value = shown.seed;
    onRandom();
    at("seed").focus();
  };
  at("receipt").replaceChildren(...receiptOf(shown, keep));
  at("receipt").hidden = false;
}

function showData({ tables, answer }) {
  const contentOf = (name) => [
    rowsOf(name, answer[name]),
    chartsOf(name, answer[name], answer.metadata.as_of_date),
  ];
  const heading = element("h2", { id: "data-title", tabindex: -1 },
    tables.length > 1 ? "The rows" : `The rows of ${tables[0]}`);
  const parts = tables.map((name) => ({ id: name, label: [name], content: contentOf(name) }));
  const body = parts.length > 1 ? tabs("Tables", parts) : parts[0].content;
  const back = element("a", { href: "#request", class: "back" }, "Change the request");
  at("data").replaceChildren(element("div", { class: "data-head" }, heading, back), ...body);
  at("data").hidden = false;
}

function showTake(shown) {
  const { kind, tables, parameters } = shown;
  const problem = element("p", { class: "problem", role: "alert", id: "take-problem" });
  const status = element("p", { class: "status", role: "status", id: "take-status" });
  const run = async (job) => {
    clearProblem(problem);
    status.textContent = "Fetching\u2026";
    try {
      status.textContent = await job(keyGiven());
    } catch (error) {
      status.textContent = "";
      tellProblem(problem, error);
    }
  };
  const say = (sentence) => {
    status.textContent = sentence;
  };
  const fileName = fileNameOf(kind, parameters, "json");
  const curl = curlCommand({ kind, parameters, needsKey, fileName });
  const cli = cliCommand({ tables, parameters });
  const note = needsKey ? "with the key in ESDH_API_KEY" : "the same answer, saved";
  at("take").replaceChildren(
    element("h2", { id: "take-title" }, "Take it with you"),
    element("div", { class: "card take" },
      element("div", {}, element("h3", {}, "Files"),
        downloadsOf(linesOf(kind, tables), parameters, run), problem, status),
      element("div", {}, element("h3", {}, "The same from a terminal"),
        commandOf("curl", "curl", note, curl, say),
        commandOf("cli", "esdh-cli", "the same rows, without the service", cli, say))));
  at("take").hidden = false;
}

function linesOf(kind, tables) {
  const singles = [...form.querySelectorAll("[name=kind]")]
    .map((choice) => ({ kind: choice.value, tables: choice.dataset.tables.split(" ") }))
    .filter((line) => line.tables.length === 1 && tables.includes(line.tables[0]))
    .map((line) => ({ ...line, name: line.tables[0] }));
  return tables.length > 1 ? [{ kind, tables, name: "all tables" }, ...singles] : singles;
}

function pointAt(error) {
  const field = fieldOf(error);
  if (!field) return at("status").before(at("problem"));
  field.closest(".field").append(at("problem"));
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-errormessage", "problem");
  field.focus();
}

function unpoint() {
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-errormessage");
  }
}

function onRandom() {
  at("seed").disabled = at("random").checked;
}

function onKey() {
  const isMissing = at("key").value.trim() === "";
  form.toggleAttribute("data-waits", isMissing);
  at("waiting").hidden = !isMissing;
}

form.addEventListener("submit", generate);
at("random").addEventListener("change", onRandom);
onRandom();
if (needsKey) {
  at("key").addEventListener("input", onKey);
  onKey();
}
at("generate").disabled = false;
