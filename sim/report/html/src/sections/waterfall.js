// From revenue to margin: what each meter brings in, what each stage takes.
import {axis, color, upright} from "../chart.js";
import {formats, grouped, write} from "../format.js";
import {report} from "../report.js";
import {at, number} from "../table.js";

const sum = (hours, kind, meter) => hours.reduce((total, hour) => total + hour[kind][meter], 0);

// Steps: [name, amount, kind]; what is "total" stands on the ground.
function steps({hours, summary}) {
  const revenue = [
    ["cache hits", "input_hit"],
    ["cache misses", "input_miss"],
    ["output", "output"],
  ];
  const cost = [
    ["prefill nodes", "prefill"],
    ["decode nodes", "decode"],
  ];
  return [
    ...revenue.map(([name, meter]) => ({
      name,
      amount: sum(hours, "revenue_usd", meter),
      fill: color.prefill,
    })),
    {
      name: "revenue",
      amount: summary.revenue_usd,
      fill: color.decode,
      total: true,
      pointer: "/result/summary/revenue_usd",
    },
    ...cost.map(([name, stage]) => ({name, amount: -sum(hours, "cost_usd", stage), fill: color.accent})),
    {name: "gross profit", amount: summary.revenue_usd - summary.cost_usd, fill: color.decode, total: true},
  ];
}

function chart(all) {
  let level = 0;
  const bases = all.map(({amount, total}) => {
    const before = total ? 0 : level;
    level = total ? amount : level + amount;
    return Math.min(before, level);
  });
  return {
    label: all.map(({name, amount}) => `${name} ${write(amount, formats.usd)} USD`).join(", "),
    height: 320,
    option: {
      legend: false,
      grid: {left: 64, right: 16, top: 44, bottom: 32},
      xAxis: axis({
        type: "category",
        data: all.map(({name}) => name),
        axisLabel: {color: color.ink, interval: 0},
      }),
      yAxis: upright("USD", {axisLabel: {formatter: value => grouped(value)}}),
      series: [
        {type: "bar", stack: "steps", itemStyle: {color: "transparent"}, silent: true, data: bases},
        {
          type: "bar",
          stack: "steps",
          barWidth: "56%",
          data: all.map(({amount, fill}) => ({value: Math.abs(amount), itemStyle: {color: fill}})),
          label: {
            show: true,
            position: "top",
            color: color.ink,
            fontSize: 12,
            formatter: ({dataIndex}) => grouped(all[dataIndex].amount),
          },
        },
      ],
    },
  };
}

export const waterfall = {
  id: "waterfall",
  title: "From revenue to margin",
  question: "What does each meter bring in, what does each stage take, and what is left?",
  content() {
    const {result} = report;
    if (!result) return null;
    const all = steps(result);
    return {
      charts: [chart(all)],
      tables: [
        {
          caption: "The window, in USD",
          columns: [["Step"], ["amount", "USD"]],
          rows: all.map(({name, amount, pointer}) => [
            name,
            pointer ? at(pointer, formats.usd) : number(amount, formats.usd),
          ]),
        },
        {
          caption: "Ratios, and the cost of a million tokens",
          columns: [["Figure"], ["value"], ["unit"]],
          rows: [
            ["gross margin = (revenue - cost) / revenue", "gross_margin", formats.percent],
            ["cost-profit ratio = (revenue - cost) / cost", "cost_profit_ratio", formats.percent],
            ["cost of a million input misses", "cost_per_million_input_miss_usd", formats.usd3],
            ["cost of a million output tokens", "cost_per_million_output_usd", formats.usd3],
          ].map(([name, key, format]) => [name, at(`/result/summary/${key}`, format), format.unit]),
        },
      ],
    };
  },
};
