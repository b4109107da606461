// How far the headlines may be off, and by what: what the run stands on, drawn together many times.
import {axis, below, color, group, label} from "../chart.js";
import {format, formats, grouped, write} from "../format.js";
import {heatMap} from "../heat.js";
import {get, report} from "../report.js";
import {at} from "../table.js";

const kFarthest = 200; // %; what is farther ends there, with its number beside it

const nameOf = ({label, unit}) => (unit ? `${label}, ${unit}` : label);

// [{key, name, format, p10, p50, p90, shares, at}].
function figures({figures}) {
  return report.banded
    .filter(({key}) => key in figures)
    .map(figure => ({
      ...figures[figure.key],
      key: figure.key,
      name: nameOf(figure),
      format: format(figure.decimals),
    }));
}

// P10 to P90 as distances from P50, so that figures of all units stand side by side.
function chart(all) {
  const away = ({p50}, value) => {
    const percent = p50 === 0 ? 0 : ((value - p50) / Math.abs(p50)) * 100;
    return Math.max(-kFarthest, Math.min(kFarthest, percent));
  };
  const renderItem = (params, api) => {
    const [low, high, y] = [api.value(0), api.value(1), api.value(2)];
    const [left, middle] = api.coord([low, y]);
    const [right] = api.coord([high, y]);
    const height = api.size([0, 1])[1] * 0.46;
    const {format, p10, p90} = all[y];
    return group(
      {
        type: "rect",
        shape: {x: left, y: middle - height / 2, width: right - left, height},
        style: {fill: color.decode},
      },
      label({text: write(p10, format), x: left - 6, y: middle, align: "right", fill: color.ink}),
      label({text: write(p90, format), x: right + 6, y: middle, align: "left", fill: color.ink}),
    );
  };
  const farthest = Math.max(...all.flatMap(f => [-away(f, f.p10), away(f, f.p90)]));
  const limit = Math.ceil((farthest * 1.25) / 20) * 20; // room for the texts
  return {
    label: all
      .map(({name, format, p10, p90}) => `${name}: ${write(p10, format)} to ${write(p90, format)}`)
      .join("; "),
    height: 64 + 32 * all.length,
    option: {
      legend: false,
      grid: {left: 190, right: 20, top: 8, bottom: 48},
      tooltip: {
        trigger: "item",
        formatter: ({value}) => {
          const {name, format, p10, p50, p90} = all[value[2]];
          return `${name}\nP10 ${write(p10, format)}, P50 ${write(p50, format)}, P90 ${write(p90, format)}`;
        },
      },
      xAxis: below("P10 to P90, distance from P50, %", {type: "value", min: -limit, max: limit}),
      yAxis: axis({
        type: "category",
        inverse: true,
        data: all.map(({name}) => name),
        axisLine: {show: false},
        axisLabel: {color: color.ink},
      }),
      series: [
        {
          type: "custom",
          renderItem,
          encode: {x: [0, 1], y: 2},
          data: all.map((figure, y) => [away(figure, figure.p10), away(figure, figure.p90), y]),
        },
      ],
    },
  };
}

function causes(all, sources) {
  const share = (figure, i) => ({share: figure.shares[i], text: grouped(figure.shares[i] * 100)});
  return {
    label: `Share of each band that is due to ${sources.map(({name}) => name).join("; ")}`,
    ...heatMap({
      rows: sources.map(({name}, i) => ({name, unit: "%", cells: all.map(figure => share(figure, i))})),
      columns: all.map(({name}) => name.split(",")[0]),
      columnsName: "share of the band's width, %",
      left: 190,
      wrapped: true,
    }),
  };
}

function tables(all, sources) {
  const of = key => `/result/bands/figures/${key}`;
  return [
    {
      caption: "Bands",
      columns: [["Figure"], ["P10"], ["P50"], ["P90"], ["at"]],
      rows: all.map(({key, name, format, at: nodes}) => [
        name,
        ...["p10", "p50", "p90"].map(quantile => at(`${of(key)}/${quantile}`, format)),
        nodes,
      ]),
    },
    {
      caption: "Of the width, by source",
      columns: [["Source"], ...all.map(({name}) => [name.split(",")[0], "%"]), ["stands on"]],
      rows: sources.map(({name, stands_on}, i) => [
        name,
        ...all.map(({key}) => at(`${of(key)}/shares/${i}`, formats.percent)),
        stands_on,
      ]),
    },
  ];
}

export const bands = {
  id: "bands",
  title: "How sure it is",
  question: "How far may the headlines be off, and by what?",
  content() {
    const data = get("/result/bands");
    if (!data) return null;
    const all = figures(data);
    return {
      charts: [chart(all), causes(all, data.sources)],
      stacked: true,
      notes: [
        `${grouped(data.draws)} draws of what the run stands on. Speed and latency are at the run's own ` +
          "nodes, the others with the nodes that keep its service. " +
          (data.saturated_share > 0
            ? `In ${grouped(data.saturated_share * 100, 1)} % of the draws these nodes would be too few.`
            : ""),
      ],
      tables: tables(all, data.sources),
    };
  },
};
