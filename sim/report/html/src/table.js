// The table behind a chart. A cell is a text, or a number of the data by its JSON pointer, which it keeps, so
// that anybody can look it up.
import {h} from "./dom.js";
import {write} from "./format.js";
import {get} from "./report.js";

export const at = (pointer, format) => ({pointer, format, value: get(pointer)});
export const number = (value, format) => ({format, value}); // made from several

function cell(content, header, numeric) {
  if (header) return h("th", {scope: "row"}, content);
  if (typeof content === "string") return h("td", {class: numeric ? "number" : undefined}, content);
  const {pointer, format, value} = content;
  if (typeof value !== "number") return h("td", {class: "number"}, "–");
  return h(
    "td",
    {class: "number", "data-at": pointer, "data-scale": pointer && format.scale},
    write(value, format),
  );
}

// `columns`: [title, unit?, "number" where texts are numbers too]; `rows`: the first cell of each names it.
export function table({caption, columns, rows}) {
  const numeric = columns.map(
    ([, , kind], i) => kind === "number" || rows.some(row => typeof row[i] === "object"),
  );
  const heads = columns.map(([title, unit], i) =>
    h(
      "th",
      {scope: "col", class: numeric[i] ? "number" : undefined},
      title,
      unit ? h("span", {class: "unit"}, unit) : null,
    ),
  );
  return h(
    "div",
    {class: "table"},
    h(
      "table",
      {},
      h("caption", {}, caption),
      h("thead", {}, h("tr", {}, heads)),
      h(
        "tbody",
        {},
        rows.map(row =>
          h(
            "tr",
            {},
            row.map((content, i) => cell(content, i === 0, numeric[i])),
          ),
        ),
      ),
    ),
  );
}

// Columns of numbers for rows that are alike: [title, key below the row's pointer, format].
export function rowsAt(pointers, names, columns) {
  return pointers.map((pointer, i) => [
    names[i],
    ...columns.map(([, key, format]) => at(`${pointer}/${key}`, format)),
  ]);
}
export const titles = (first, columns) => [
  [first],
  ...columns.map(([title, , format]) => [title, format.unit]),
];
