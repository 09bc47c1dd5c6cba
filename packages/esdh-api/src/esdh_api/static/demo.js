// The page: reads the form, asks, and shows what came or why nothing did.

import { chartsOf } from "./charts.js";
import { cliCommand, commandOf, curlCommand } from "./commands.js";
import { downloadsOf, fileNameOf } from "./downloads.js";
import { counted, element, readable } from "./elements.js";
import { become } from "./fingerprint.js";
import { clearProblem, fieldOf, tellProblem } from "./problems.js";
import { receiptOf } from "./receipt.js";
import { rowsOf } from "./rows.js";
import { ask, FORMATS } from "./service.js";
import { tabs } from "./tabs.js";

const at = (id) => document.getElementById(id);
const form = at("request");
const needsKey = form.dataset.needsKey === "yes";
let running = new AbortController();

function keyGiven() {
  return needsKey ? at("key").value.trim() : "";
}

function asked() {
  const choice = form.querySelector("[name=kind]:checked");
  const seed = at("random").checked ? "random" : at("seed").value.trim();
  return {
    kind: choice.value,
    tables: choice.dataset.tables.split(" "),
    parameters: {
      records: at("records").value.trim(),
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
  const shown = { ...question, parameters, seed, answer, milliseconds };
  showReceipt(shown);
  showData(shown);
  showTake(shown);
  become(at("strip"), answer.request_digest);
  at("introduction").hidden = true;
  const rows = shown.tables.reduce((sum, name) => sum + answer[name].length, 0);
  at("status").replaceChildren(
    `${counted(rows, "row")} in ${counted(shown.tables.length, "table")}, ${readable(milliseconds)} ms. `,
    element("a", { href: "#data-title" }, "See them"));
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
    chartsOf(name, answer[name], answer.metadata.as_of_date),
    rowsOf(name, answer[name]),
  ];
  const heading = element("h2", { id: "data-title", tabindex: -1 },
    tables.length > 1 ? "The rows" : `The rows of ${tables[0]}`);
  const parts = tables.map((name) => ({ id: name, label: [name], content: contentOf(name) }));
  const body = parts.length > 1 ? tabs("Tables", parts) : parts[0].content;
  at("data").replaceChildren(heading, ...body);
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
  if (!field) return;
  field.setAttribute("aria-invalid", "true");
  field.focus();
}

function unpoint() {
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}

function onRandom() {
  at("seed").disabled = at("random").checked;
}

form.addEventListener("submit", generate);
at("random").addEventListener("change", onRandom);
become(at("strip"), "");
onRandom();
at("generate").disabled = false;
