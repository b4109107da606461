// A section: the question that a chart answers, the chart, and its table.
import {draw} from "./chart.js";
import {h} from "./dom.js";
import {table} from "./table.js";

// `content`: {charts: [{label, option, height}], stacked, notes, tables}; two charts stand side by side,
// but where they are stacked.
export function section({id, title, question}, content) {
  const charts = content.charts.map(chart =>
    h("div", {class: "chart", role: "img", "aria-label": chart.label}),
  );
  const element = h(
    "section",
    {id, "aria-labelledby": `${id}-title`},
    h("h2", {id: `${id}-title`}, title),
    h(
      "figure",
      {},
      h("figcaption", {}, question),
      h("div", {class: charts.length > 1 && !content.stacked ? "charts side" : "charts"}, charts),
      (content.notes ?? []).map(note => h("p", {class: "note"}, note)),
    ),
    h("details", {}, h("summary", {}, "The numbers"), content.tables.map(table)),
  );
  return {element, draw: () => charts.forEach((chart, i) => draw(chart, content.charts[i]))};
}
