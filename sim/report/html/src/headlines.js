// The headline figures beside what was published, by the rules of the program's own comparison.
import {format, write} from "./format.js";
import {report} from "./report.js";

export function headlines() {
  const {figures, result} = report;
  return figures
    .filter(({key}) => key in result.summary)
    .map(({key, label, unit, decimals}) => ({
      key,
      label: label.trim(),
      unit,
      part: label.startsWith(" "),
      pointer: `/result/summary/${key}`,
      format:
        unit === "Gtok" ? format(digits(result.summary[key], decimals), unit, 1e-9) : format(decimals, unit),
      value: result.summary[key],
      published: range(result.published[key]),
    }));
}

// Three digits of a small service's tokens too.
function digits(tokens, decimals) {
  while (decimals < 6 && Math.abs(tokens) * 1e-9 < 10 ** (2 - decimals)) ++decimals;
  return decimals;
}

const range = published => (published === undefined ? null : [].concat(published));

// Signed distance from the nearest published value as a share of it: 0 inside a range, null where there is no
// share (nothing was published or predicted, or 0).
export function difference({value, published}) {
  if (!published || typeof value !== "number") return null;
  const low = published[0],
    high = published[published.length - 1];
  if (low !== high && value >= low && value <= high) return 0;
  const nearest = value < low ? low : high;
  return nearest === 0 ? null : (value - nearest) / nearest;
}

export const publishedText = ({published, format}) =>
  published ? [...new Set(published)].map(value => write(value, format)).join(" – ") : "";
