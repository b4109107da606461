// Apache ECharts, as little of it as the charts need, drawn as SVG: it prints as sharp as text, and its
// colours are the style sheet's variables, so that dark screens and paper need no second drawing.
import * as echarts from "echarts/core";
import {BarChart, CustomChart, LineChart, ScatterChart} from "echarts/charts";
import {GridComponent, LegendComponent, MarkLineComponent, TooltipComponent} from "echarts/components";
import {SVGRenderer} from "echarts/renderers";

echarts.use([
  BarChart,
  CustomChart,
  LineChart,
  ScatterChart,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
  SVGRenderer,
]);

export const color = Object.fromEntries(
  ["ink", "muted", "rule", "surface", "prefill", "decode", "third", "accent", "soft", "good", "heat"].map(
    name => [name, `var(--${name})`],
  ),
);

const text = {color: color.muted, fontSize: 12};

// `axis`: of ECharts, with what all axes have in common.
export function axis(own) {
  const plain = own.type === "category";
  return {
    nameTextStyle: text,
    axisLine: {show: plain, lineStyle: {color: color.rule}},
    axisTick: {show: false},
    splitLine: {show: !plain, lineStyle: {color: color.rule, width: 1}},
    ...own,
    axisLabel: {...text, ...own.axisLabel},
  };
}
export const below = (name, own) => axis({name, nameLocation: "middle", nameGap: 28, ...own});
// The name of an upright axis stands over it.
export const upright = (name, own) =>
  axis({
    type: "value",
    name,
    nameLocation: "end",
    nameGap: 12,
    ...own,
    nameTextStyle: {...text, align: "left", padding: [0, 0, 0, -40]},
  });

// Lines across a chart that say what is to be kept: [{xAxis or yAxis, label}].
export const dashed = (lines, label = {}) => ({
  silent: true,
  symbol: "none",
  lineStyle: {color: color.ink, type: "dashed", width: 1},
  label: {color: color.ink, fontSize: 12, position: "insideEndTop", ...label},
  data: lines.map(({label: text, ...where}) => ({...where, label: {formatter: text}})),
});

// Parts of a drawing of our own, and a text among them; ECharts gives its own texts the page's type. What is
// pointed at keeps its colour, here and in series: ECharts cannot make a lighter one of a variable.
export const group = (...children) => ({
  type: "group",
  emphasisDisabled: true,
  children: children.filter(Boolean),
});
export const label = own => ({
  type: "text",
  silent: true,
  style: {align: "center", verticalAlign: "middle", fontSize: 11, fontFamily: fontFamily(), ...own},
});
const fontFamily = () => getComputedStyle(document.body).fontFamily;

function whole(option) {
  return {
    animation: false,
    textStyle: {fontFamily: fontFamily()},
    ...option,
    series: option.series.map(series => ({...series, emphasis: {disabled: true}})),
    grid: option.grid ?? {left: 56, right: 16, top: 44, bottom: 48},
    legend:
      option.legend === false
        ? undefined
        : {
            right: 8,
            top: 0,
            itemWidth: 14,
            itemHeight: 10,
            itemGap: 16,
            icon: "roundRect",
            selectedMode: false,
            textStyle: {color: color.ink, fontSize: 12},
            ...option.legend,
          },
    tooltip: {
      renderMode: "richText", // no markup: the page's policy allows no styles of its own
      confine: true,
      backgroundColor: color.surface,
      borderColor: color.rule,
      borderWidth: 1,
      padding: [6, 10],
      textStyle: {color: color.ink, fontSize: 12},
      shadowBlur: 0,
      ...option.tooltip,
    },
  };
}

const drawn = new Map();

// Draws into an element that stands in the page. `height` in pixels.
export function draw(element, {option, height}) {
  const chart = echarts.init(element, null, {renderer: "svg", width: element.clientWidth, height});
  chart.setOption(whole(option));
  drawn.set(element, {chart, height});
  fitAnywhere(element);
}

// Whatever room paper leaves, the drawing is scaled into it.
function fitAnywhere(element) {
  const svg = element.querySelector("svg");
  svg.setAttribute("viewBox", `0 0 ${svg.getAttribute("width")} ${svg.getAttribute("height")}`);
  svg.setAttribute("aria-hidden", "true"); // the element around it has a label
}

// All charts again, as wide as their elements now are.
export function redraw() {
  for (const [element, {chart, height}] of drawn) {
    if (element.clientWidth === chart.getWidth()) continue;
    chart.resize({width: element.clientWidth, height, silent: true});
    chart.getZr().flush(); // now, not with the next frame: paper does not wait for one
    fitAnywhere(element);
  }
}
