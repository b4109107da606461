// Layouts of the decode units: the front that none is beyond, and those that keep the target.
import {below, color, dashed, upright} from "../chart.js";
import {format, formats, grouped, tick} from "../format.js";
import {report} from "../report.js";
import {at, rowsAt, titles} from "../table.js";

const kPoint = [
  ["requests a GPU", "requests_per_gpu", formats.count],
  ["speed", "tok_s_user", formats.speed],
  ["output a GPU", "tok_s_gpu", format(0, "tok/s")],
];
const kLayout = [
  ["cost", "usd_per_mtok_output", format(3, "USD/Mtok")],
  ...kPoint.map(([title, key, f]) => [title, `at/${key}`, f]),
];

const place = (batch, name) => ({
  value: [batch.tok_s_user, batch.tok_s_gpu],
  name: `${name}, ${batch.requests_per_gpu} requests a GPU`,
});

// One layout through all its batches, with a mark where it keeps the target.
function through(name, layout, fill, symbol) {
  if (!layout) return [];
  const line = {
    name,
    type: "line",
    symbol: "none",
    z: 3,
    itemStyle: {color: fill},
    lineStyle: {color: fill, width: 1.5},
    data: layout.curve.map(batch => place(batch, layout.name)),
  };
  return [
    line,
    {...line, type: "scatter", symbol, symbolSize: 13, z: 6, data: [place(layout.at, layout.name)]},
  ];
}

function chart({decode, front, output_speed_tok_s_user: target}) {
  const allowed = decode.filter(layout => layout.allowed);
  return {
    label:
      `Output of a decode GPU against speed of a user: ${allowed.length} layouts that keep ` +
      `${target} tok/s, and a front of ${front.length} points`,
    height: 380,
    option: {
      legend: {data: ["front", "cheapest at the target", "the scenario's own", "others at the target"]},
      grid: {left: 56, right: 16, top: 60, bottom: 48},
      tooltip: {
        trigger: "item",
        formatter: ({name, value: [speed, output]}) =>
          `${name}\n${grouped(speed, 1)} tok/s a user, ${grouped(output)} tok/s a GPU`,
      },
      xAxis: below("tok/s a user", {type: "value", min: 0}),
      yAxis: upright("tok/s a GPU", {axisLabel: {formatter: tick}}),
      series: [
        {
          name: "front",
          type: "line",
          symbol: "circle",
          symbolSize: 6,
          z: 4,
          itemStyle: {color: color.prefill},
          lineStyle: {color: color.prefill, width: 2.5},
          data: [...front]
            .sort((a, b) => a.tok_s_user - b.tok_s_user)
            .map(batch => place(batch, batch.layout)),
          markLine: dashed([{xAxis: target, label: `target ${grouped(target)} tok/s`}], {position: "end"}),
        },
        ...through("cheapest at the target", allowed[0], color.accent, "diamond"),
        ...through(
          "the scenario's own",
          allowed.find(layout => layout.of_scenario),
          color.decode,
          "triangle",
        ),
        {
          name: "others at the target",
          type: "scatter",
          symbolSize: 6,
          itemStyle: {color: color.muted, opacity: 0.45},
          data: allowed.map(layout => place(layout.at, layout.name)),
        },
      ],
    },
  };
}

export const layouts = {
  id: "layouts",
  title: "Layouts",
  question:
    "Which layout makes users fast, which gets most out of a GPU, and which is cheapest at the target?",
  content() {
    const data = report.layouts;
    const allowed = data?.decode.flatMap((layout, i) => (layout.allowed ? [i] : [])) ?? [];
    if (allowed.length === 0 || data.front.length === 0) return null;
    return {
      charts: [chart(data)],
      notes: [
        `${allowed.length} of ${data.decode.length} decode layouts keep ` +
          `${grouped(data.output_speed_tok_s_user)} tok/s; a mark is a layout with the most requests ` +
          "that do. A line is one layout from few requests to many. Nothing has both more speed and more " +
          "output than the front.",
        ...(data.missing ? [`${data.missing}.`] : []),
      ],
      tables: [
        {
          caption: "The front",
          columns: titles("Decode layout", kPoint),
          rows: rowsAt(
            data.front.map((_, i) => `/layouts/front/${i}`),
            data.front.map(p => p.layout),
            kPoint,
          ),
        },
        {
          caption: "Layouts that keep the target, cheapest first",
          columns: [...titles("Decode layout", kLayout), ["what holds it"]],
          rows: rowsAt(
            allowed.map(i => `/layouts/decode/${i}`),
            allowed.map(i => data.decode[i].name),
            kLayout,
          ).map((row, i) => [...row, data.decode[allowed[i]].why]),
        },
      ],
    };
  },
};
