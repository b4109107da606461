// Predicted against published: the distance of each headline from what is known of the real thing.
import {axis, below, color} from "../chart.js";
import {signed} from "../format.js";
import {difference, headlines, publishedText} from "../headlines.js";
import {report} from "../report.js";
import {at} from "../table.js";

const inRange = ({published}) => published[0] !== published[published.length - 1];

function differenceText(figure) {
  const relative = difference(figure);
  if (relative === null) return figure.published ? "n/a" : "";
  return relative === 0 && inRange(figure) ? "inside" : signed(relative);
}

function chart(figures) {
  const farthest = Math.max(0.01, ...figures.map(figure => Math.abs(difference(figure))));
  const limit = Math.ceil(farthest * 100);
  return {
    label:
      `Difference from published of ${figures.length} figures: ` +
      figures.map(figure => `${figure.label} ${differenceText(figure)}`).join(", "),
    height: 60 + 24 * figures.length,
    option: {
      legend: false,
      grid: {left: 190, right: 84, top: 8, bottom: 44},
      xAxis: below("difference from published, %", {type: "value", min: -limit, max: limit}),
      yAxis: axis({
        type: "category",
        inverse: true,
        data: figures.map(figure => figure.label),
        axisLabel: {color: color.ink},
      }),
      series: [
        {
          type: "bar",
          barWidth: 9,
          itemStyle: {color: color.prefill},
          data: figures.map(figure => difference(figure) * 100),
          label: {
            show: true,
            position: "right",
            color: color.ink,
            fontSize: 12,
            formatter: ({dataIndex}) => differenceText(figures[dataIndex]),
          },
        },
      ],
    },
  };
}

export const published = {
  id: "published",
  title: "Predicted and published",
  question: "How far is the prediction from what was published of the real service?",
  content() {
    if (!report.result) return null;
    const all = headlines();
    const figures = all.filter(figure => difference(figure) !== null);
    if (figures.length === 0) return null;
    return {
      charts: [chart(figures)],
      notes: [
        `Published: ${report.result.published.source ?? "no source is given"}. Where a range was ` +
          "published, the difference is that from its nearer end, and none inside it.",
      ],
      tables: [
        {
          caption: "Predicted and published",
          columns: [
            ["Figure"],
            ["predicted"],
            ["published", "", "number"],
            ["difference", "", "number"],
            ["unit"],
          ],
          rows: all.map(figure => [
            figure.label,
            at(figure.pointer, figure.format),
            publishedText(figure),
            differenceText(figure),
            figure.unit,
          ]),
        },
      ],
    };
  },
};
