// Small charts of the main columns, drawn from the rows; each tells its numbers as text too.

import { drawn, element, readable } from "./elements.js";

const BAR_PIXELS = 21;
const COLUMNS_PIXELS = 120;
const LONGEST_LABEL = 15;
const MOST_COLUMNS_WITH_NUMBERS = 10;

const RISKS = ["Low", "Medium", "High"];
const LINES = ["Personal", "Commercial"];

const CHARTS = {
  persons: [
    [topTen("State", (row) => row.state)],
    [
      histogram("Age", 10, (row, day) => ageOn(day, row.date_of_birth), decadeName),
      shares("Line of business", LINES, (row) => row.lob_type),
    ],
    [
      histogram("First digit of the ZIP code", 1, (row) => Number(row.postal_code[0]), String),
      shares("Second address line", ["Present", "Null"], (row) =>
        row.address_line_2 === null ? "Null" : "Present"),
    ],
  ],
  vehicles: [
    [topTen("Make", (row) => row.make)],
    [topTen("Body style", (row) => row.body_style)],
    [
      histogram("Model year", 1, (row) => row.model_year, String),
      shares("Risk rating", RISKS, (row) => row.risk_rating),
    ],
  ],
  profiles: [
    [topTen("State", (row) => row.residence_state)],
    [topTen("Vehicle", (row) => row.vehicle_summary.slice(5))],
    [
      histogram("Model year", 1, (row) => Number(row.vehicle_summary.slice(0, 4)), String),
      shares("Risk rating", RISKS, (row) => row.risk_rating),
    ],
  ],
};

/** Cards of charts for the rows of a table, whose ages are those on a day such as "2026-01-01". */
export function chartsOf(table, rows, day) {
  const cards = (CHARTS[table] ?? []).map((charts) => {
    const made = charts.map((chart) => chart(rows, day));
    const figures = made.map(figureOf);
    return element("div", { class: "card chart-card" }, ...figures, numbersOf(made));
  });
  return element("div", { class: "charts" }, ...cards);
}

/** Horizontal bars of the most frequent values. */
function topTen(title, valueOf) {
  return (rows) => {
    const all = [...countOf(rows, valueOf)].sort(byCount);
    const counts = all.slice(0, 10);
    const most = counts[0][1];
    const marks = counts.map(([name, count], index) => {
      const [top, width] = [index * BAR_PIXELS, (count / most) * 42];
      return mark(
        share(name, count, rows),
        text(shortened(name), { x: 0, y: top + 14 }),
        drawn("rect", { class: "mark", x: "44%", y: top + 3, width: `${width}%`, height: 13, rx: 2 }),
        text(readable(count), { x: `${44 + width}%`, dx: 6, y: top + 14, class: "strong" }),
      );
    });
    const heading = all.length > 10 ? `${title}, top 10` : title;
    return { heading, counts, marks, rows, height: counts.length * BAR_PIXELS };
  };
}

/** Columns of values in order, gaps among them. */
function histogram(title, step, valueOf, nameOf) {
  return (rows, day) => {
    const found = countOf(rows, (row) => Math.floor(valueOf(row, day) / step) * step);
    const values = range(Math.min(...found.keys()), Math.max(...found.keys()), step);
    const counts = values.map((value) => [nameOf(value), found.get(value) ?? 0]);
    const most = Math.max(...found.values());
    const isNarrow = values.length > MOST_COLUMNS_WITH_NUMBERS;
    const marks = counts.map(([name, count], index) => {
      const isLabelled = !isNarrow || values[index] % 5 === 0;
      const isNumbered = !isNarrow && count > 0;
      return column(index / counts.length, 1 / counts.length, count / most, [
        share(name, count, rows),
        isLabelled ? name : "",
        isNumbered ? compact(count) : "",
      ]);
    });
    return { heading: title, counts, marks, rows, height: COLUMNS_PIXELS };
  };
}

function column(start, width, height, [title, label, number]) {
  const percent = (part) => `${part * 100}%`;
  const bottom = COLUMNS_PIXELS - 20;
  const top = bottom - height * (bottom - 18);
  const middle = { x: percent(start + width / 2), class: "middle" };
  return mark(
    title,
    drawn("rect", { class: "reach", x: percent(start), y: 0, width: percent(width), height: bottom }),
    drawn("rect", {
      class: "mark", x: percent(start + width * 0.09), y: top, width: percent(width * 0.82),
      height: bottom - top, rx: 1.5,
    }),
    text(number, { ...middle, y: top - 5, class: "strong middle" }),
    text(label, { ...middle, y: COLUMNS_PIXELS - 4 }),
  );
}

/** One bar of the whole, divided among few values that are known before. */
function shares(title, names, valueOf) {
  return (rows) => {
    const found = countOf(rows, valueOf);
    const counts = names.map((name) => [name, found.get(name) ?? 0]);
    let before = 0;
    const marks = counts.map(([name, count], index) => {
      const start = before;
      before += (count / rows.length) * 100;
      const place = { x: `${start}%`, width: `${(count / rows.length) * 100}%` };
      const key = `${(index / names.length) * 100}%`;
      const colour = `share-${name.toLowerCase()}`;
      return mark(
        share(name, count, rows),
        drawn("rect", { class: `mark ${colour}`, ...place, y: 2, height: 14 }),
        drawn("rect", { class: `mark ${colour}`, x: key, y: 27, width: 9, height: 9, rx: 2 }),
        text(name, { x: key, dx: 14, y: 36 }),
        text(percentOf(count, rows), { x: key, dx: 14, y: 53, class: "strong" }),
      );
    });
    return { heading: title, counts, marks, rows, height: 56 };
  };
}

function figureOf({ heading, counts, marks, rows, height }) {
  const told = counts.map(([name, count]) => `${name} ${readable(count)}`).join(", ");
  const label = `${heading} of ${readable(rows.length)}: ${told}`;
  const drawing = drawn("svg", { role: "img", "aria-label": label, class: "chart", height }, ...marks);
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

function mark(title, ...parts) {
  return drawn("g", {}, drawn("title", {}, title), ...parts);
}

function text(value, place) {
  return drawn("text", place, value);
}

function countOf(rows, valueOf) {
  const counts = new Map();
  for (const row of rows) {
    const value = valueOf(row);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

function byCount([name, count], [otherName, otherCount]) {
  return otherCount - count || (name < otherName ? -1 : 1);
}

function range(first, last, step) {
  return Array.from({ length: (last - first) / step + 1 }, (_, index) => first + index * step);
}

function ageOn(day, birth) {
  const years = Number(day.slice(0, 4)) - Number(birth.slice(0, 4));
  return day.slice(5) < birth.slice(5) ? years - 1 : years;
}

function decadeName(age) {
  return age < 20 ? "<20" : `${age}s`;
}

function percentOf(count, rows) {
  return `${((count / rows.length) * 100).toFixed(1)}\u00a0%`;
}

function share(name, count, rows) {
  return `${name}: ${readable(count)} of ${readable(rows.length)}, ${percentOf(count, rows)}`;
}

/** A count in the width of a column, such as 1.7k. */
function compact(count) {
  return count < 1000 ? String(count) : `${(count / 1000).toFixed(1)}k`;
}

function shortened(name) {
  return name.length > LONGEST_LABEL ? `${name.slice(0, LONGEST_LABEL - 1)}\u2026` : name;
}
