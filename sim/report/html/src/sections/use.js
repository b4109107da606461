// How much of what is provided is used: a row for each resource, a column for each hour.
import {axis, below, color, label} from "../chart.js";
import {format, formats, grouped} from "../format.js";
import {get, report} from "../report.js";
import {rowsAt, titles} from "../table.js";
import {hourLabels, timeAxisName} from "../time.js";

const kShares = [
  ["prefill token budget", "use/prefill_budget_fill", formats.percent],
  ["prefill time in passes", "use/prefill_busy", formats.percent],
  ["decode time in steps", "use/decode_busy", formats.percent],
  ["KV cache, mean", "use/kv_mean", formats.percent],
  ["KV cache, fullest GPU", "use/kv_fullest", formats.percent],
];
const kRequests = ["requests a decode GPU", "use/requests_per_gpu", format(1)];
const kFit = ["of those that fit", "use/requests_per_gpu_that_fit", format(1)];

// Rows of the map: what stands in a cell, and how full that is, 0 to 1.
function rows(hours, nodesPeak) {
  const shares = kShares.map(([name, key]) => ({
    name,
    unit: "%",
    cells: hours
      .map((_, i) => get(`/result/hours/${i}/${key}`))
      .map(share => ({share, text: grouped(share * 100)})),
  }));
  const requests = {
    name: kRequests[0],
    unit: "requests",
    cells: hours.map(({use}) => ({
      share: use.requests_per_gpu_that_fit > 0 ? use.requests_per_gpu / use.requests_per_gpu_that_fit : 0,
      text: grouped(use.requests_per_gpu),
    })),
  };
  const nodes = {
    name: "nodes, of the peak",
    unit: "nodes",
    cells: hours.map(hour => {
      const count = hour.nodes_prefill + hour.nodes_decode;
      return {share: count / nodesPeak, text: grouped(count)};
    }),
  };
  return [...shares.slice(0, 3), requests, ...shares.slice(3), nodes];
}

function chart(hours, all) {
  const labels = hourLabels();
  const cells = all.flatMap(({cells}, y) => cells.map(({share}, x) => [x, y, share]));
  const written = hours.length <= 30;
  const renderItem = (params, api) => {
    const [x, y] = [api.value(0), api.value(1)];
    const [width, height] = api.size([1, 1]);
    const [cx, cy] = api.coord([x, y]);
    const {share, text} = all[y].cells[x];
    const shape = {x: cx - width / 2 + 1, y: cy - height / 2 + 1, width: width - 2, height: height - 2};
    return {
      type: "group",
      children: [
        {type: "rect", shape, style: {fill: color.heat, opacity: 0.06 + 0.94 * Math.min(1, share)}},
        ...(written
          ? [
              label({
                text,
                x: cx,
                y: cy,
                fontSize: Math.min(11, width / 2.3),
                fill: share > 0.8 ? color.surface : color.ink,
              }),
            ]
          : []),
      ],
    };
  };
  return {
    label: `Use by hour of ${all.map(({name}) => name).join(", ")}`,
    height: 64 + 34 * all.length,
    option: {
      legend: false,
      grid: {left: 172, right: 8, top: 4, bottom: 48},
      tooltip: {
        trigger: "item",
        formatter: ({value: [x, y]}) =>
          `${labels[x]}  ${all[y].name}\n${all[y].cells[x].text} ${all[y].unit}`,
      },
      xAxis: below(timeAxisName(), {type: "category", data: labels, splitLine: {show: false}}),
      yAxis: axis({
        type: "category",
        inverse: true,
        data: all.map(({name, unit}) => name),
        axisLabel: {color: color.ink},
        axisLine: {show: false},
      }),
      series: [{type: "custom", renderItem, data: cells, encode: {x: 0, y: 1}}],
    },
  };
}

export const use = {
  id: "use",
  title: "Use of what is provided",
  question: "Which resource is full at which hour, and which stands idle?",
  content() {
    const {result} = report;
    if (!result) return null;
    const columns = [
      ...kShares,
      kRequests,
      kFit,
      ["nodes, prefill", "nodes_prefill", formats.nodes],
      ["nodes, decode", "nodes_decode", formats.nodes],
    ];
    return {
      charts: [chart(result.hours, rows(result.hours, result.summary.nodes_peak))],
      notes: [
        "A stronger colour is fuller. Shares in %; requests a decode GPU as they are, shaded by those that " +
          "would fit at the cache which they hold; nodes as they are, shaded by the peak. The fullest GPU " +
          "is that of any second.",
      ],
      tables: [
        {
          caption: "Use by hour",
          columns: titles("Hour", columns),
          rows: rowsAt(
            result.hours.map((_, i) => `/result/hours/${i}`),
            hourLabels(),
            columns,
          ),
        },
      ],
    };
  },
};
