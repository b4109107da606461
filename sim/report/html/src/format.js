// Numbers as the program writes them on a screen: thousands in groups, as many decimals as the figure has, a
// tie to the even digit.
function fixed(value, decimals) {
  const text = value.toFixed(decimals);
  const exact = value.toFixed(Math.min(decimals + 30, 100));
  const rest = exact.slice(exact.indexOf(".") + 1 + decimals);
  if (!/^50*$/.test(rest)) return text;
  const down = exact.slice(0, exact.length - rest.length).replace(/\.$/, "");
  return /[02468]$/.test(down) ? down : text;
}

export function grouped(value, decimals = 0) {
  const [whole, fraction] = fixed(value, decimals).split(".");
  const digits = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction ? `${digits}.${fraction}` : digits;
}

// How a column of numbers is written: value times scale, in a unit.
export const format = (decimals, unit = "", scale = 1) => ({decimals, unit, scale});
export const formats = {
  count: format(0),
  nodes: format(2, "nodes"),
  usd: format(2, "USD"),
  usd3: format(3, "USD"),
  seconds: format(2, "s"),
  milliseconds: format(2, "ms", 1e3),
  percent: format(1, "%", 100),
  rate: format(1, "requests/s"),
  speed: format(1, "tok/s"),
  mtok: format(1, "Mtok", 1e-6),
  gtok: format(1, "Gtok", 1e-9),
};

// "–" where there is no number: the margin of nothing sold.
export const write = (value, {decimals, scale}) =>
  typeof value === "number" ? grouped(value * scale, decimals) : "–";
export const writeWithUnit = (value, f) => (f.unit ? `${write(value, f)} ${f.unit}` : write(value, f));

// A number under an axis: with as many decimals as it needs.
export const tick = value => grouped(value, Number.isInteger(value) ? 0 : Math.abs(value) < 1 ? 2 : 1);

// "+0.79 %", as the screen has differences.
export const signed = share => `${share < 0 ? "-" : "+"}${fixed(Math.abs(share) * 100, 2)} %`;
