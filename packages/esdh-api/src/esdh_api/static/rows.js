// Rows as a table: the telling columns first, a page of them at a time.

import { counted, element, readable } from "./elements.js";

const ROWS_A_PAGE = 12;

const MAIN_COLUMNS = {
  persons: [
    "first_name", "last_name", "date_of_birth", "address_line_1", "city", "state", "postal_code",
    "lob_type",
  ],
  vehicles: [
    "make", "model", "model_year", "body_style", "risk_rating", "vin", "garaging_state",
  ],
  profiles: [
    "full_name", "vehicle_summary", "risk_rating", "city", "residence_state", "lob_type",
  ],
};

const BADGES = new Set(["risk_rating", "lob_type"]);
const CODES = /_id$|^vin$|_vin$|^driver_license_number$|postal_code$/;

/** A table with its pages and columns to choose. */
export function rowsOf(table, rows) {
  const all = Object.keys(rows[0]);
  const main = (MAIN_COLUMNS[table] ?? all).filter((name) => all.includes(name));
  const grid = element("table");
  const range = element("span", { "aria-live": "polite" });
  const back = element("button", { type: "button", click: () => turn(-1) }, "Previous");
  const forth = element("button", { type: "button", click: () => turn(1) }, "Next");
  const every = element("input", { type: "checkbox", change: () => show() });
  const pages = Math.ceil(rows.length / ROWS_A_PAGE);
  let page = 0;

  const show = () => {
    const start = page * ROWS_A_PAGE;
    const shown = rows.slice(start, start + ROWS_A_PAGE);
    const columns = every.checked ? all : main;
    grid.replaceChildren(
      element("caption", { class: "unseen" }, `${table}: ${counted(rows.length, "row")}`),
      element("thead", {}, element("tr", {}, ...columns.map((name) => headOf(name, rows[0])))),
      element("tbody", {}, ...shown.map((row) => rowOf(row, columns))),
    );
    range.textContent = pages > 1 ? rangeOf(start, shown.length, rows.length) : counted(rows.length, "row");
    back.setAttribute("aria-disabled", String(page === 0));
    forth.setAttribute("aria-disabled", String(page === pages - 1));
  };
  const turn = (step) => {
    page = Math.min(Math.max(page + step, 0), pages - 1);
    show();
  };

  show();
  const scroller = element(
    "div",
    { class: "scroller", tabindex: 0, role: "region", "aria-label": `Rows of ${table}` },
    grid,
  );
  const tick = element("label", { class: "tick" }, every, `All ${all.length} columns`);
  const pager = pages > 1 ? element("span", { class: "pager" }, back, forth) : "";
  return element("div", { class: "rows" }, scroller,
    element("div", { class: "rows-foot" }, range, pager, tick));
}

function rangeOf(start, count, all) {
  const [first, last] = [readable(start + 1), readable(start + count)];
  return `${count === 1 ? `Row ${first}` : `Rows ${first}\u2013${last}`} of ${readable(all)}`;
}

function headOf(name, row) {
  return element("th", { scope: "col", class: typeof row[name] === "number" && "number" }, name);
}

function rowOf(row, columns) {
  return element("tr", {}, ...columns.map((name) => cellOf(name, row[name])));
}

function cellOf(name, value) {
  if (value === null) return element("td", { class: "null" }, "null");
  if (BADGES.has(name)) {
    const kind = `badge badge-${value.toLowerCase()}`;
    return element("td", {}, element("span", { class: kind }, value));
  }
  const kind = typeof value === "number" ? "number" : CODES.test(name) && "code";
  return element("td", { class: kind }, String(value));
}
