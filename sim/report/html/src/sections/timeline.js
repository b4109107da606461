// Nodes through the window by what they do.
import {below, color, upright} from "../chart.js";
import {format, grouped} from "../format.js";
import {report} from "../report.js";
import {at} from "../table.js";
import {clock, timeAxisName, windowMinutes} from "../time.js";

const kStates = [
  ["decode_serving", "decode, serving", color.decode],
  ["prefill_serving", "prefill, serving", color.prefill],
  ["draining", "draining", color.third],
  ["starting", "loading weights", color.good],
  ["down", "down", color.accent],
  ["maintenance", "in maintenance", color.heat],
  ["standby", "standing by", color.muted],
  ["freed", "freed for training", color.soft],
];

function chart(lines, states) {
  const end = windowMinutes();
  const series = states.map(([key, name, fill]) => ({
    name,
    type: "line",
    step: "end",
    stack: "nodes",
    symbol: "none",
    lineStyle: {width: 0},
    areaStyle: {color: fill, opacity: 1},
    itemStyle: {color: fill},
    data: [...lines.map(line => [line.from_s / 60, line[key]]), [end, lines[lines.length - 1][key]]],
  }));
  return {
    label: `Nodes by state through the window: ${states.map(([, name]) => name).join(", ")}`,
    height: 320,
    option: {
      legend: {},
      tooltip: {
        trigger: "axis",
        axisPointer: {label: {show: false}},
        valueFormatter: value => grouped(value),
      },
      xAxis: below(timeAxisName(), {
        type: "value",
        min: 0,
        max: end,
        interval: Math.max(60, Math.ceil(end / 12 / 60) * 60),
        axisLabel: {formatter: clock},
      }),
      yAxis: upright("nodes"),
      series,
    },
  };
}

export const timeline = {
  id: "timeline",
  title: "Nodes through the day",
  question: "What does each node do: serve, drain, load weights, or stand free for training?",
  content() {
    const lines = report.result?.nodes;
    if (!lines?.length) return null;
    const states = kStates.filter(([key]) => lines.some(line => line[key] > 0));
    const nodes = format(0, "nodes");
    return {
      charts: [chart(lines, states)],
      notes: states.some(([key]) => key === "freed")
        ? ["Freed for training: nodes that are paid for round the clock, less those held now."]
        : [],
      tables: [
        {
          caption: "Nodes by state, a line for every change",
          columns: [["From"], ...kStates.map(([, name]) => [name, "nodes"])],
          rows: lines.map((line, i) => [
            clock(line.from_s / 60),
            ...kStates.map(([key]) => at(`/result/nodes/${i}/${key}`, nodes)),
          ]),
        },
      ],
    };
  },
};
