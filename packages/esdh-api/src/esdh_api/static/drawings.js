// The three forms of a chart. Each takes rows and gives its counts beside the drawing of them.

import { drawn, element, readable } from "./elements.js";

const COLUMNS_PIXELS = 120;
const WIDEST_COLUMN_REM = 3;
const MOST_COLUMNS_WITH_NUMBERS = 10;
const BAR_PIXELS = 13;

/** Horizontal bars of the most frequent values; the names take the width that they need. */
export function topTen(title, valueOf) {
  return (rows) => {
    const all = [...countOf(rows, valueOf)].sort(byCount);
    const counts = all.slice(0, 10);
    const most = counts[0][1];
    const lines = counts.map(([name, count]) => {
      const width = `${(count / most) * 100}%`;
      const bar = drawn("rect", { class: "mark", width, height: BAR_PIXELS, rx: 2 });
      return element("div", { class: "bar-line", title: share(name, count, rows) },
        element("span", {}, name),
        drawn("svg", { class: "bar-track", height: BAR_PIXELS }, bar),
        element("span", { class: "bar-number" }, readable(count)));
    });
    const heading = all.length > 10 ? `${title}, top 10` : title;
    return { heading, counts, rows, drawing: element("div", { class: "bars" }, ...lines) };
  };
}

/** Columns of values in order, gaps among them, none wider than it has to be. */
export function histogram(title, step, valueOf, nameOf) {
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
    const drawing = drawn("svg", { class: "chart", height: COLUMNS_PIXELS }, ...marks);
    drawing.style.maxWidth = `${counts.length * WIDEST_COLUMN_REM}rem`;
    return { heading: title, counts, rows, drawing };
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
    drawn("text", { ...middle, y: top - 5, class: "strong middle" }, number),
    drawn("text", { ...middle, y: COLUMNS_PIXELS - 4 }, label),
  );
}

/** One bar of the whole, divided among few values that are known before. */
export function shares(title, names, valueOf) {
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
        drawn("text", { x: key, dx: 14, y: 36 }, name),
        drawn("text", { x: key, dx: 14, y: 53, class: "strong" }, percentOf(count, rows)),
      );
    });
    return { heading: title, counts, rows, drawing: drawn("svg", { class: "chart", height: 56 }, ...marks) };
  };
}

/** A part of the rows, such as "25.0 %". */
export function percentOf(count, rows) {
  return `${((count / rows.length) * 100).toFixed(1)}\u00a0%`;
}

function mark(title, ...parts) {
  return drawn("g", {}, drawn("title", {}, title), ...parts);
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

function share(name, count, rows) {
  return `${name}: ${readable(count)} of ${readable(rows.length)}, ${percentOf(count, rows)}`;
}

/** A count in the width of a column, such as 1.7k. */
function compact(count) {
  return count < 1000 ? String(count) : `${(count / 1000).toFixed(1)}k`;
}
