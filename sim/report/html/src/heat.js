// A map of shares: rows by columns, the fuller the stronger the colour, with a text in each cell.
import {axis, below, color, group, label} from "./chart.js";

const kColumnsWritten = 30; // more are too narrow for texts

// `rows`: [{name, unit, cells: [{share, text}]}], share from 0 to 1. `wrapped`: the names of all columns are
// shown, in two lines.
export function heatMap({rows, columns, columnsName, left, wrapped = false}) {
  const wrap = name => name.replace(/^(.{5,}?) /, "$1\n");
  const under = wrapped ? 62 : 48;
  const renderItem = (params, api) => {
    const [x, y] = [api.value(0), api.value(1)];
    const [width, height] = api.size([1, 1]);
    const [cx, cy] = api.coord([x, y]);
    const {share, text} = rows[y].cells[x];
    const shape = {x: cx - width / 2 + 1, y: cy - height / 2 + 1, width: width - 2, height: height - 2};
    const ink = share > 0.8 ? color.surface : color.ink;
    return group(
      {type: "rect", shape, style: {fill: color.heat, opacity: 0.06 + 0.94 * Math.min(1, share)}},
      columns.length <= kColumnsWritten &&
        label({text, x: cx, y: cy, fontSize: Math.min(11, width / 2.3), fill: ink}),
    );
  };
  return {
    height: under + 16 + 34 * rows.length,
    option: {
      legend: false,
      grid: {left, right: 8, top: 4, bottom: under},
      tooltip: {
        trigger: "item",
        formatter: ({value: [x, y]}) =>
          `${columns[x]}  ${rows[y].name}\n${rows[y].cells[x].text} ${rows[y].unit}`,
      },
      xAxis: below(columnsName, {
        type: "category",
        data: columns,
        splitLine: {show: false},
        nameGap: under - 20,
        axisLabel: wrapped ? {interval: 0, formatter: wrap, lineHeight: 15} : {},
      }),
      yAxis: axis({
        type: "category",
        inverse: true,
        data: rows.map(({name}) => name),
        axisLabel: {color: color.ink},
        axisLine: {show: false},
      }),
      series: [
        {
          type: "custom",
          renderItem,
          encode: {x: 0, y: 1},
          data: rows.flatMap(({cells}, y) => cells.map((_, x) => [x, y])),
        },
      ],
    },
  };
}
