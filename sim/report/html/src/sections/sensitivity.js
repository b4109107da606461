// What moves the profit: every driver at both ends of its range, and all of them drawn together.
import {axis, below, color, group, label} from "../chart.js";
import {format, formats, grouped, signed, tick} from "../format.js";
import {report} from "../report.js";
import {at} from "../table.js";

const kBands = [
  ["revenue", "revenue_usd", formats.usd],
  ["cost", "cost_usd", formats.usd],
  ["profit", "profit_usd", formats.usd],
  ["gross margin", "gross_margin", formats.percent],
  ["cost-profit ratio", "cost_profit_ratio", formats.percent],
];
const kThousands = 1e-3;

const nameOf = driver => driver.driver.replaceAll("_", " ");
const short = value => grouped(value, Math.abs(value) < 100 ? 2 : 0);
const names = rows =>
  axis({
    type: "category",
    inverse: true,
    data: rows,
    axisLine: {show: false},
    axisLabel: {color: color.ink},
  });
const profitAxis = name => below(name, {type: "value", scale: true, axisLabel: {formatter: tick}});

// A bar from `from` to `to` on lane `y`, with a text at its end.
function bar(api, y, from, to, fill, text, side) {
  const [a, middle] = api.coord([from, y]);
  const [b] = api.coord([to, y]);
  const height = api.size([0, 1])[1] * 0.56;
  const shape = {x: Math.min(a, b), y: middle - height / 2, width: Math.abs(a - b), height};
  const left = side === "left";
  return [
    {type: "rect", shape, style: {fill}},
    label({text, x: b + (left ? -5 : 5), y: middle, align: left ? "right" : "left", fill: color.ink}),
  ];
}

function tornado(drivers, profit) {
  const base = profit * kThousands;
  const end = (driver, which) => driver[`at_${which}`].profit_usd * kThousands;
  const series = (name, which, fill) => ({
    name,
    type: "custom",
    itemStyle: {color: fill},
    encode: {x: [0, 1], y: 2},
    data: drivers.map((driver, y) => [base, end(driver, which), y]),
    renderItem: (params, api) => {
      const [from, to, y] = [api.value(0), api.value(1), api.value(2)];
      if (Math.abs(to - from) < 1e-9) return null;
      const text = short(drivers[y][which]);
      return group(...bar(api, y, from, to, fill, text, to < from ? "left" : "right"));
    },
  });
  return {
    label: `Profit at both ends of the range of ${drivers.map(nameOf).join(", ")}`,
    height: 84 + 32 * drivers.length,
    option: {
      grid: {left: 150, right: 56, top: 36, bottom: 48},
      tooltip: {
        trigger: "item",
        formatter: ({value: [from, to, y], seriesName}) =>
          `${nameOf(drivers[y])}, ${seriesName}\n` +
          `profit ${grouped(to)} thousand USD, ${signed(to / from - 1)}`,
      },
      xAxis: profitAxis("profit, thousand USD"),
      yAxis: names(drivers.map(nameOf)),
      series: [
        series("at the low end", "low", color.accent),
        series("at the high end", "high", color.prefill),
      ],
    },
  };
}

function bands(all) {
  const rows = kBands.slice(0, 3).map(([name, key]) => ({name, ...all[key]}));
  const data = rows.map(({p10, p50, p90}, y) => [...[p10, p90, p50].map(value => value * kThousands), y]);
  return {
    label: rows
      .map(({name, p10, p50, p90}) => `${name} ${[p10, p50, p90].map(v => grouped(v)).join(", ")} USD`)
      .join("; "),
    height: 84 + 36 * rows.length,
    option: {
      grid: {left: 150, right: 56, top: 36, bottom: 48},
      tooltip: {
        trigger: "item",
        formatter: ({value}) => {
          const {name, p10, p50, p90} = rows[value[value.length - 1]];
          return `${name}\nP10 ${grouped(p10)}, P50 ${grouped(p50)}, P90 ${grouped(p90)} USD`;
        },
      },
      xAxis: below("thousand USD", {type: "value", axisLabel: {formatter: tick}}),
      yAxis: names(rows.map(({name}) => name)),
      series: [
        {
          name: "P10 to P90",
          type: "custom",
          itemStyle: {color: color.decode},
          encode: {x: [0, 1], y: 3},
          data,
          renderItem: (params, api) => {
            const [p10, p90, y] = [api.value(0), api.value(1), api.value(3)];
            return group(...bar(api, y, p10, p90, color.decode, grouped(p90), "right"));
          },
        },
        {
          name: "P50",
          type: "scatter",
          symbol: "rect",
          symbolSize: [3, 22],
          itemStyle: {color: color.ink},
          data: data.map(([, , p50, y]) => [p50, y]),
        },
      ],
    },
  };
}

function tables(drivers) {
  const usd = format(0, "USD");
  const plain = format(3);
  const of = (i, key, f) => at(`/finance/sensitivity/drivers/${i}/${key}`, f);
  const all = report.finance.sensitivity.bands;
  const band = (key, figure, f) => (all[key] ? at(`/finance/sensitivity/bands/${key}/${figure}`, f) : "–");
  return [
    {
      caption:
        "One driver at a time, widest first; alone and in all: its share of the variance of profit (Sobol)",
      columns: [
        ["Driver"],
        ["low"],
        ["base"],
        ["high"],
        ["profit at low", "USD"],
        ["profit at high", "USD"],
        ["alone", "%"],
        ["in all", "%"],
        ["range"],
      ],
      rows: drivers.map((driver, i) => [
        nameOf(driver),
        ...["low", "base", "high"].map(key => of(i, key, plain)),
        ...["at_low/profit_usd", "at_high/profit_usd"].map(key => of(i, key, usd)),
        ...["sobol_first", "sobol_total"].map(key => of(i, key, formats.percent)),
        driver.source ?? `assumed: ${driver.assumed}`,
      ]),
    },
    {
      caption: "All drivers drawn together",
      columns: [["Figure"], ["P10"], ["P50"], ["P90"], ["mean"], ["unit"]],
      rows: kBands.map(([name, key, f]) => [
        name,
        ...["p10", "p50", "p90", "mean"].map(figure => band(key, figure, f)),
        f.unit,
      ]),
    },
  ];
}

export const sensitivity = {
  id: "sensitivity",
  title: "What moves the profit",
  question: "Which assumption moves the profit most, and within which band does it lie?",
  content() {
    const data = report.finance?.sensitivity;
    if (!data) return null;
    const {loss_share} = data.bands;
    return {
      charts: [tornado(data.drivers, report.finance.statement.profit_usd), bands(data.bands)],
      stacked: true,
      notes: [
        `${report.finance.question} Above: one driver at a time, the others as they are. Below: ` +
          `${grouped(data.samples)} draws, each driver from its range by itself; a loss in ` +
          `${grouped(loss_share * 100, 1)} % of them.`,
      ],
      tables: tables(data.drivers),
    };
  },
};
