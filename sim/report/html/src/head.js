// What the report is about, and the few numbers that most readers came for.
import {h} from "./dom.js";
import {formats, grouped, write, writeWithUnit} from "./format.js";
import {headlines, publishedText} from "./headlines.js";
import {parts, report} from "./report.js";
import {at, table} from "./table.js";
import {dateAndTime, windowMinutes, zone} from "./time.js";

const kCards = [
  "output_speed_tok_s_user",
  "output_tok_s_gpu",
  "nodes_mean",
  "nodes_peak",
  "revenue_usd",
  "cost_usd",
  "gross_margin",
  "cost_profit_ratio",
];
const kLatencies = [
  ["Queue", "queue_s", formats.seconds],
  ["TTFT", "ttft_s", formats.seconds],
  ["To decode", "decode_wait_s", formats.milliseconds],
  ["TPOT", "tpot_s", formats.milliseconds],
  ["ITL", "itl_s", formats.milliseconds],
  ["E2E", "e2e_s", formats.seconds],
];

function card(figure) {
  const published = publishedText(figure);
  return h(
    "div",
    {class: "card"},
    h("dt", {}, figure.label),
    h(
      "dd",
      {},
      h(
        "span",
        typeof figure.value === "number"
          ? {class: "value", "data-at": figure.pointer, "data-scale": figure.format.scale}
          : {class: "value"},
        write(figure.value, figure.format),
      ),
      figure.unit ? h("span", {class: "unit"}, ` ${figure.unit}`) : null,
      published ? h("span", {class: "published"}, `published ${published}`) : null,
    ),
  );
}

function verdict({summary, run, queues_that_grew}) {
  if (!summary.saturated)
    return run.requests_rejected === 0
      ? "Every request was answered."
      : `${grouped(run.requests_rejected)} requests are too long for a GPU's KV cache or for the model, ` +
        "and were rejected.";
  const reasons = queues_that_grew.map(({stage}) => `the queue of ${stage} grew`);
  if (run.window_unfinished > 0)
    reasons.unshift(`${grouped(run.window_unfinished)} requests were not answered`);
  return `Saturated, the fleet is too small for the load: ${[...new Set(reasons)].join("; ")}.`;
}

function slo({slo, summary}) {
  if (!slo) return null;
  const {attained, goodput_requests_s} = summary.slo;
  return h(
    "p",
    {class: slo.holds ? "verdict" : "verdict bad"},
    `SLO: ${writeWithUnit(attained, formats.percent)} of the requests keep it, ` +
      `${writeWithUnit(slo.share, formats.percent)} must: ${slo.holds ? "it holds" : "missed"}. ` +
      `Goodput ${writeWithUnit(goodput_requests_s, formats.rate)}.`,
  );
}

function latencies() {
  const figures = ["mean", "p50", "p90", "p95", "p99"];
  return table({
    caption: "Latency of the whole window",
    columns: [["Of a request"], ...figures.map(name => [name]), ["unit"]],
    rows: kLatencies.map(([name, key, format]) => [
      name,
      ...figures.map(figure => at(`/result/summary/${key}/${figure}`, format)),
      format.unit,
    ]),
  });
}

export function head() {
  const {result} = report;
  const question = parts()[0].question;
  document.title = question;
  if (!result) return h("header", {}, h("p", {class: "kind"}, "Tideline report"), h("h1", {}, question));
  const figures = headlines();
  const {model, node} = result.service;
  return h(
    "header",
    {},
    h("p", {class: "kind"}, "Tideline report"),
    h("h1", {}, question),
    h(
      "p",
      {class: "about"},
      `${model} on ${node} · ${dateAndTime(0)} to ${dateAndTime(windowMinutes())}, ${zone()} · ` +
        `${grouped(result.summary.requests)} requests, simulated one by one`,
    ),
    h("p", {class: result.summary.saturated ? "verdict bad" : "verdict"}, verdict(result)),
    slo(result),
    h(
      "dl",
      {class: "cards"},
      kCards.map(key => card(figures.find(figure => figure.key === key))),
    ),
    latencies(),
  );
}
