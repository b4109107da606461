// Latency against load, hours as points, and what is to be kept.
import {below, color, dashed, upright} from "../chart.js";
import {formats, grouped, tick, writeWithUnit} from "../format.js";
import {report} from "../report.js";
import {rowsAt, titles} from "../table.js";
import {hourLabels} from "../time.js";

const kQuantiles = [
  ["p50", color.decode],
  ["p95", color.prefill],
  ["p99", color.accent],
];
const kColumns = [
  ["load", "offered_requests_s", formats.rate],
  ...kQuantiles.map(([q]) => [`TTFT ${q}`, `ttft_s/${q}`, formats.seconds]),
  ...kQuantiles.map(([q]) => [`TPOT ${q}`, `tpot_s/${q}`, formats.milliseconds]),
  ["output speed", "output_speed_tok_s_user", formats.speed],
];

// What the scenario's SLO asks of its classes, and a plan of everybody: [{seconds, label}].
function limits(name) {
  const key = `${name.toLowerCase()}_s`;
  const ofClass = new Map();
  const classes = Object.entries(report.result.slo?.classes ?? {});
  for (const [of, slo] of classes)
    if (slo[key] !== null) ofClass.set(slo[key], [...(ofClass.get(slo[key]) ?? []), of]);
  const slos = [...ofClass].map(([seconds, names]) => ({
    seconds,
    label: names.length === classes.length ? "SLO" : `SLO of ${names.join(", ")}`,
  }));
  const targets = Object.entries(report.plan?.targets ?? {})
    .filter(([target]) => target.startsWith(name.toLowerCase()))
    .map(([target, seconds]) => ({seconds, label: `plan, ${target.split("_")[1] ?? "mean"}`}));
  return [...slos, ...targets];
}

function chart(hours, name, format) {
  const key = `${name.toLowerCase()}_s`;
  const labels = hourLabels();
  const lines = limits(name).map(({seconds, label}) => ({
    yAxis: seconds * format.scale,
    label: `${label} ${writeWithUnit(seconds, {...format, decimals: 0})}`,
  }));
  const highest = Math.max(...lines.map(line => line.yAxis));
  return {
    label: `${name} against offered load, ${hours.length} hours: p50, p95 and p99`,
    height: 320,
    option: {
      grid: {left: 48, right: 16, top: 48, bottom: 48},
      tooltip: {
        trigger: "item",
        formatter: ({seriesName, value: [load, latency], dataIndex}) =>
          `${labels[dataIndex]}, ${seriesName}\n` +
          `${grouped(latency, 2)} ${format.unit} at ${grouped(load, 1)} requests/s`,
      },
      xAxis: below("offered load, requests/s", {
        type: "value",
        min: 0,
        splitLine: {show: false},
        axisLabel: {formatter: tick},
        axisLine: {show: true, lineStyle: {color: color.rule}},
      }),
      yAxis: upright(`${name}, ${format.unit}`, {
        min: 0,
        max: lines.length ? ({max}) => (max > highest ? null : highest * 1.2) : null,
      }),
      series: kQuantiles.map(([quantile, fill], i) => ({
        name: quantile,
        type: "scatter",
        symbolSize: 8,
        itemStyle: {color: fill, opacity: 0.85},
        data: hours
          .map(hour => [hour.offered_requests_s, hour[key][quantile]])
          .map(([load, seconds]) => [load, seconds === null ? null : seconds * format.scale]),
        markLine: i === 0 && lines.length ? dashed(lines) : undefined,
      })),
    },
  };
}

export const latency = {
  id: "latency",
  title: "Latency against load",
  question: "How fast is the service when it is busy, and does it keep what was promised?",
  content() {
    const hours = report.result?.hours;
    if (!hours) return null;
    const promised = limits("TTFT").length + limits("TPOT").length > 0;
    return {
      charts: [chart(hours, "TTFT", formats.seconds), chart(hours, "TPOT", formats.milliseconds)],
      notes: [
        `Each point is an hour of the window. ${promised ? "Dashed: what is to be kept." : "No SLO is set."}`,
      ],
      tables: [
        {
          caption: "Latency by hour",
          columns: titles("Hour", kColumns),
          rows: rowsAt(
            hours.map((_, i) => `/result/hours/${i}`),
            hourLabels(),
            kColumns,
          ),
        },
      ],
    };
  },
};
