// Small charts of the columns that tell most, drawn from the rows; each tells its numbers as text.

import { histogram, percentOf, shares, topTen } from "./drawings.js";
import { element, readable } from "./elements.js";

const FEWEST_ROWS = 5;

const LINES = shares("Line of business", ["Personal", "Commercial"], (row) => row.lob_type);
const RISKS = shares("Risk rating", ["Low", "Medium", "High"], (row) => row.risk_rating);

/** For each table, cards of one or more charts. */
const CHARTS = {
  persons: [
    [topTen("State", (row) => row.state)],
    [histogram("Age", 10, (row, day) => ageOn(day, row.date_of_birth), decadeName), LINES],
  ],
  vehicles: [
    [topTen("Make", (row) => row.make)],
    [topTen("Body style", (row) => row.body_style)],
    [histogram("Model year", 1, (row) => row.model_year, String), RISKS],
  ],
  profiles: [
    [topTen("Vehicle", (row) => row.vehicle_summary.slice("2025 ".length))],
    [topTen("State", (row) => row.residence_state)],
    [RISKS, LINES],
  ],
};

/** Cards of charts for the rows of a table, whose ages are those on a day such as "2026-01-01". */
export function chartsOf(table, rows, day) {
  if (rows.length < FEWEST_ROWS) {
    return element("p", { class: "hint" }, `Too few rows for charts: they begin at ${FEWEST_ROWS}.`);
  }
  const cards = (CHARTS[table] ?? []).map((charts) => {
    const made = charts.map((chart) => chart(rows, day));
    const figures = made.map(figureOf);
    return element("div", { class: "card chart-card" }, ...figures, numbersOf(made));
  });
  return element("div", { class: "charts" }, ...cards);
}

function figureOf({ heading, counts, rows, drawing }) {
  const told = counts.map(([name, count]) => `${name} ${readable(count)}`).join(", ");
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", `${heading} of ${readable(rows.length)}: ${told}`);
  return element("figure", {}, element("figcaption", {}, heading), drawing);
}

function numbersOf(charts) {
  const tables = charts.map(({ heading, counts, rows }) => {
    const lines = counts.map(([name, count]) =>
      element("tr", {},
        element("th", { scope: "row" }, name),
        element("td", { class: "number" }, readable(count)),
        element("td", { class: "number" }, percentOf(count, rows))));
    return element("table", {}, element("caption", {}, heading), element("tbody", {}, ...lines));
  });
  return element("details", {}, element("summary", {}, "Numbers"), ...tables);
}

function ageOn(day, birth) {
  const years = Number(day.slice(0, 4)) - Number(birth.slice(0, 4));
  return day.slice(5) < birth.slice(5) ? years - 1 : years;
}

function decadeName(age) {
  return age < 20 ? "<20" : `${age}s`;
}
