// Cost and revenue by hour.
import {below, color, upright} from "../chart.js";
import {formats, grouped, tick} from "../format.js";
import {report} from "../report.js";
import {rowsAt, titles} from "../table.js";
import {hourLabels, timeAxisName} from "../time.js";

const kColumns = [
  ["cache hits", "revenue_usd/input_hit", formats.usd],
  ["cache misses", "revenue_usd/input_miss", formats.usd],
  ["output", "revenue_usd/output", formats.usd],
  ["revenue", "revenue_usd/total", formats.usd],
  ["prefill cost", "cost_usd/prefill", formats.usd],
  ["decode cost", "cost_usd/decode", formats.usd],
  ["freed nodes", "cost_usd/freed", formats.usd],
  ["cost", "cost_usd/total", formats.usd],
];

// Nodes that are paid for and not held: a column where there are some.
const columnsOf = hours =>
  kColumns.filter(([, key]) => key !== "cost_usd/freed" || hours.some(hour => hour.cost_usd.freed));

function chart(hours) {
  const bars = (name, key, fill) => ({
    name,
    type: "bar",
    barGap: "0%",
    barMaxWidth: 56,
    barCategoryGap: "28%",
    itemStyle: {color: fill},
    data: hours.map(hour => hour[key].total),
  });
  return {
    label: `Revenue and cost of each of ${hours.length} hours, in USD`,
    height: 320,
    option: {
      legend: {},
      tooltip: {
        trigger: "axis",
        axisPointer: {type: "shadow"},
        valueFormatter: value => `${grouped(value, 2)} USD`,
      },
      xAxis: below(timeAxisName(), {type: "category", data: hourLabels()}),
      yAxis: upright("USD an hour", {axisLabel: {formatter: tick}}),
      series: [bars("revenue", "revenue_usd", color.prefill), bars("cost", "cost_usd", color.accent)],
    },
  };
}

export const money = {
  id: "money",
  title: "Revenue and cost by hour",
  question: "When does the service earn, and when does it only cost?",
  content() {
    const hours = report.result?.hours;
    if (!hours) return null;
    const columns = columnsOf(hours);
    return {
      charts: [chart(hours)],
      tables: [
        {
          caption: "Revenue by meter and cost by stage",
          columns: titles("Hour", columns),
          rows: rowsAt(
            hours.map((_, i) => `/result/hours/${i}`),
            hourLabels(),
            columns,
          ),
        },
      ],
    };
  },
};
