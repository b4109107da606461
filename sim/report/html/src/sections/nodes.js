// Nodes by hour: those provided, and beside them those that a plan found to be needed.
import {below, color, upright} from "../chart.js";
import {format, formats, grouped} from "../format.js";
import {report} from "../report.js";
import {at, number} from "../table.js";
import {hourLabels, timeAxisName} from "../time.js";

// The most nodes that any interval of the hour needs, or null without a plan.
function neededByHour(hours) {
  const intervals = report.plan?.intervals;
  if (!intervals) return null;
  const perHour = intervals.length / (report.result.service.window_s / 3600);
  return hours.map((_, hour) =>
    Math.max(
      ...intervals
        .slice(Math.floor(hour * perHour), Math.ceil((hour + 1) * perHour))
        .map(i => i.nodes_needed),
    ),
  );
}

function chart(hours, needed) {
  const bars = (name, key, fill) => ({
    name,
    type: "bar",
    stack: "provided",
    barMaxWidth: 56,
    barCategoryGap: "22%",
    itemStyle: {color: fill},
    data: hours.map(hour => hour[key]),
  });
  return {
    label: `Nodes provided in each of ${hours.length} hours${needed ? ", and nodes needed" : ""}`,
    height: 320,
    option: {
      legend: {},
      tooltip: {trigger: "axis", axisPointer: {type: "shadow"}, valueFormatter: value => grouped(value, 2)},
      xAxis: below(timeAxisName(), {type: "category", data: hourLabels()}),
      yAxis: upright("nodes"),
      series: [
        bars("decode, provided", "nodes_decode", color.decode),
        bars("prefill, provided", "nodes_prefill", color.prefill),
        ...(needed
          ? [
              {
                name: "needed",
                type: "scatter",
                symbol: "rect",
                symbolSize: [22, 3],
                itemStyle: {color: color.accent},
                data: needed,
                z: 5,
              },
            ]
          : []),
      ],
    },
  };
}

function planTable() {
  const whole = format(0, "nodes");
  return {
    caption: "The plan, interval by interval",
    columns: [
      ["From"],
      ["load", "requests/s"],
      ["prefill", "units"],
      ["decode", "units"],
      ["provided", "nodes"],
      ["needed", "nodes"],
    ],
    rows: report.plan.intervals.map((interval, i) => [
      interval.from,
      ...[
        ["requests_per_s", formats.rate],
        ["prefill_units", formats.count],
        ["decode_units", formats.count],
        ["nodes_provided", whole],
        ["nodes_needed", whole],
      ].map(([key, f]) => at(`/plan/intervals/${i}/${key}`, f)),
    ]),
  };
}

export const nodes = {
  id: "nodes",
  title: "Nodes by hour",
  question: "How many nodes does each hour need, and how many are provided?",
  content() {
    const hours = report.result?.hours;
    if (!hours) return null;
    const needed = neededByHour(hours);
    const labels = hourLabels();
    const tables = [
      {
        caption: "Nodes provided, mean of each hour",
        columns: [
          ["Hour"],
          ["prefill", "nodes"],
          ["decode", "nodes"],
          ["together", "nodes"],
          ...(needed ? [["needed", "nodes"]] : []),
        ],
        rows: hours.map((hour, i) => [
          labels[i],
          at(`/result/hours/${i}/nodes_prefill`, formats.nodes),
          at(`/result/hours/${i}/nodes_decode`, formats.nodes),
          number(hour.nodes_prefill + hour.nodes_decode, formats.nodes),
          ...(needed ? [number(needed[i], formats.nodes)] : []),
        ]),
      },
    ];
    if (needed) tables.push(planTable());
    return {
      charts: [chart(hours, needed)],
      notes: needed
        ? [
            "Needed: the fewest whole units that keep the plan's targets in the hour's busiest interval, " +
              "without spare units and without those that are kept over a short lull.",
          ]
        : [
            "Provided nodes are all that are paid for. What each hour needs is for a plan to say; " +
              (report.plan ? "this one found no units that keep its targets." : "there is none here."),
          ],
      tables,
    };
  },
};
