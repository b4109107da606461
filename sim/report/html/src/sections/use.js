// How much of what is provided is used: a row for each resource, a column for each hour.
import {format, formats, grouped} from "../format.js";
import {heatMap} from "../heat.js";
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

export const use = {
  id: "use",
  title: "Use of what is provided",
  question: "Which resource is full at which hour, and which stands idle?",
  content() {
    const {result} = report;
    if (!result) return null;
    const map = rows(result.hours, result.summary.nodes_peak);
    const columns = [
      ...kShares,
      kRequests,
      kFit,
      ["nodes, prefill", "nodes_prefill", formats.nodes],
      ["nodes, decode", "nodes_decode", formats.nodes],
    ];
    return {
      charts: [
        {
          label: `Use by hour of ${map.map(({name}) => name).join(", ")}`,
          ...heatMap({rows: map, columns: hourLabels(), columnsName: timeAxisName(), left: 172}),
        },
      ],
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
