// From revenue to margin: what each meter brings in, what each stage takes. Of the run, else of the finance.
import {axis, color, group, label, upright} from "../chart.js";
import {formats, grouped, tick, write} from "../format.js";
import {report} from "../report.js";
import {at, number} from "../table.js";

const kRatios = [
  ["gross margin = (revenue - cost) / revenue", "gross_margin", formats.percent],
  ["cost-profit ratio = (revenue - cost) / cost", "cost_profit_ratio", formats.percent],
  ["cost of a million input misses", "cost_per_million_input_miss_usd", formats.usd3],
  ["cost of a million output tokens", "cost_per_million_output_usd", formats.usd3],
];

const total = (hours, kind, part) => hours.reduce((sum, hour) => sum + hour[kind][part], 0);

// {input_hit, input_miss, output, revenue, prefill, decode, cost} in USD, and the pointer to the revenue.
function amounts() {
  if (report.result) {
    const {hours, summary} = report.result;
    return {
      ...Object.fromEntries(
        ["input_hit", "input_miss", "output"].map(meter => [meter, total(hours, "revenue_usd", meter)]),
      ),
      ...Object.fromEntries(["prefill", "decode"].map(stage => [stage, total(hours, "cost_usd", stage)])),
      revenue: summary.revenue_usd,
      cost: summary.cost_usd,
      pointer: "/result/summary/revenue_usd",
    };
  }
  const {revenue_usd, cost_usd} = report.finance.statement;
  return {
    ...revenue_usd,
    prefill: cost_usd.prefill.total,
    decode: cost_usd.decode.total,
    revenue: revenue_usd.total,
    cost: cost_usd.total,
    pointer: "/finance/statement/revenue_usd/total",
  };
}

// Each step goes from one level to the next; a sum stands on the ground.
function steps() {
  const {input_hit, input_miss, output, revenue, prefill, decode, cost, pointer} = amounts();
  const freed = cost - prefill - decode; // nodes that are paid for and do other work, less what that is worth
  const all = [
    {name: "cache hits", amount: input_hit, fill: color.prefill},
    {name: "cache misses", amount: input_miss, fill: color.prefill},
    {name: "output", amount: output, fill: color.prefill},
    {name: "revenue", amount: revenue, fill: color.decode, sum: true, pointer},
    {name: "prefill nodes", amount: -prefill, fill: color.accent},
    {name: "decode nodes", amount: -decode, fill: color.accent},
    ...(Math.abs(freed) > 0.005 ? [{name: "freed nodes", amount: -freed, fill: color.accent}] : []),
    {name: "gross profit", amount: revenue - cost, fill: color.decode, sum: true},
  ];
  let level = 0;
  return all.map(step => {
    const from = step.sum ? 0 : level;
    level = from + step.amount;
    return {...step, from, to: level};
  });
}

function chart(all) {
  const renderItem = (params, api) => {
    const {amount, from, to, fill} = all[api.value(0)];
    const [x, a] = api.coord([api.value(0), from]);
    const [, b] = api.coord([api.value(0), to]);
    const width = api.size([1, 0])[0] * 0.56;
    const shape = {x: x - width / 2, y: Math.min(a, b), width, height: Math.abs(a - b)};
    return group(
      {type: "rect", shape, style: {fill}},
      label({text: grouped(amount), x, y: shape.y - 9, fill: color.ink, fontSize: 12}),
    );
  };
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
      yAxis: upright("USD", {axisLabel: {formatter: tick}}),
      series: [
        {type: "custom", renderItem, encode: {x: 0, y: [1, 2]}, data: all.map((s, i) => [i, s.from, s.to])},
      ],
    },
  };
}

export const waterfall = {
  id: "waterfall",
  title: "From revenue to margin",
  question: "What does each meter bring in, what does each stage take, and what is left?",
  content() {
    if (!report.result && !report.finance) return null;
    const all = steps();
    const ratios = report.result ? kRatios : kRatios.slice(0, 2);
    const where = report.result ? "/result/summary" : "/finance/statement";
    const saturated = report.result ? report.result.summary.saturated : report.finance.saturated;
    return {
      charts: [chart(all)],
      notes: saturated
        ? [
            "Saturated: revenue is of the requests of the window that were answered, also after it, " +
              "cost of the nodes until it ended.",
          ]
        : [],
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
          caption: report.result ? "Ratios, and the cost of a million tokens" : "Ratios",
          columns: [["Figure"], ["value"], ["unit"]],
          rows: ratios.map(([name, key, format]) => [name, at(`${where}/${key}`, format), format.unit]),
        },
      ],
    };
  },
};
