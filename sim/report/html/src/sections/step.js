// One layer of one step on one GPU: what its two streams do.
import {axis, below, color, group, label} from "../chart.js";
import {format, grouped} from "../format.js";
import {report} from "../report.js";
import {at} from "../table.js";

const kKinds = [
  ["attention", color.prefill],
  ["MoE", color.decode],
  ["GEMM", color.good],
  ["other", color.muted],
  ["exchange", color.third],
];
const kParts = [
  ["attention core", "attention_ms"],
  ["MoE", "MoE_ms"],
  ["GEMM", "GEMM_ms"],
  ["other", "other_ms"],
  ["between kernels", "launch_ms"],
  ["waiting for a dispatch", "dispatch_exposed_ms"],
  ["waiting for a combine", "combine_exposed_ms"],
];

// A lane for each stream and micro-batch.
function lanes(spans) {
  const batches = Math.max(...spans.map(span => span.micro_batch)) + 1;
  return ["compute", "communication"].flatMap(stream =>
    Array.from({length: batches}, (_, batch) => ({
      stream,
      batch,
      name: batches > 1 ? `${stream}, batch ${batch + 1}` : stream,
    })),
  );
}

const nameOf = span => (span.kind === "exchange" ? span.stage.toLowerCase() : span.name);

// A bar from [begin, end, lane, number of the span]; pale where it belongs to another layer.
const bar = (spans, layer) => (params, api) => {
  const span = spans[api.value(3)];
  const [left, y] = api.coord([api.value(0), api.value(2)]);
  const [right] = api.coord([api.value(1), api.value(2)]);
  const height = api.size([0, 1])[1] * 0.62;
  const width = Math.max(1, right - left - 0.6);
  const pale = span.layer !== layer;
  const text = nameOf(span);
  const fits = text.length * 6.2 < width;
  const shape = {x: left, y: y - height / 2, width, height, r: 1.5};
  return group(
    {type: "rect", shape, style: {fill: api.visual("color"), opacity: pale ? 0.35 : 1}},
    fits && label({text, x: left + width / 2, y, fill: pale ? color.ink : color.surface}),
  );
};

function chart({spans, layer}, name) {
  const rows = lanes(spans);
  const laneOf = span => rows.findIndex(row => row.stream === span.stream && row.batch === span.micro_batch);
  const end = Math.max(...spans.map(span => span.end_us));
  const what = ({value}) => {
    const span = spans[value[3]];
    return (
      `${nameOf(span)} (${span.stage}), layer ${span.layer}, micro-batch ${span.micro_batch + 1}\n` +
      `${grouped(span.end_us - span.begin_us, 1)} us from ${grouped(span.begin_us, 1)} us on`
    );
  };
  return {
    label:
      `Timeline of layer ${layer} of a ${name} on one GPU: ${spans.length} kernels and exchanges ` +
      `in ${grouped(end / 1e3, 2)} ms`,
    height: 88 + 44 * rows.length,
    option: {
      grid: {left: 160, right: 20, top: 36, bottom: 48},
      tooltip: {trigger: "item", formatter: what},
      xAxis: below("ms since the layer's first kernel", {
        type: "value",
        min: 0,
        max: end / 1e3,
        splitLine: {show: false},
        axisLabel: {showMaxLabel: false},
        axisLine: {show: true, lineStyle: {color: color.rule}},
      }),
      yAxis: axis({
        type: "category",
        inverse: true,
        data: rows.map(row => row.name),
        axisLine: {show: false},
        axisLabel: {color: color.ink},
      }),
      series: kKinds.map(([kind, fill]) => ({
        name: kind,
        type: "custom",
        renderItem: bar(spans, layer),
        itemStyle: {color: fill},
        encode: {x: [0, 1], y: 2},
        data: spans.flatMap((span, i) =>
          span.kind === kind ? [[span.begin_us / 1e3, span.end_us / 1e3, laneOf(span), i]] : [],
        ),
      })),
    },
  };
}

function tables(id, {timeline}) {
  const us = format(1, "us");
  return [
    {
      caption: "A layer's time on the compute stream, mean of the GPUs, all micro-batches",
      columns: [["Part"], ["time", "ms"]],
      rows: [
        ...kParts.map(([part, key]) => [part, at(`/${id}/moe_layer/${key}`, format(3))]),
        ["layer", at(`/${id}/summary/moe_layer_ms`, format(3))],
      ],
    },
    {
      caption: `GPU ${timeline.gpu} during layer ${timeline.layer}`,
      columns: [
        ["Kernel or exchange"],
        ["stage"],
        ["stream"],
        ["layer"],
        ["micro-batch"],
        ["begins", "us"],
        ["ends", "us"],
      ],
      rows: timeline.spans.map((span, i) => [
        nameOf(span),
        span.stage,
        span.stream,
        String(span.layer),
        String(span.micro_batch + 1),
        at(`/${id}/timeline/spans/${i}/begin_us`, us),
        at(`/${id}/timeline/spans/${i}/end_us`, us),
      ]),
    },
  ];
}

function section(phase, name) {
  const id = `step_${phase}`;
  return {
    id: `step-${phase}`,
    title: `One ${name}`,
    question: `Where does the time of a ${name} go, and what do the exchanges hide behind?`,
    content() {
      const data = report[id];
      if (!data) return null;
      const {gpu, layer} = data.timeline;
      return {
        charts: [chart(data.timeline, name)],
        notes: [
          `GPU ${gpu} while layer ${layer} is under way; pale is what belongs to its neighbours. ` +
            `The whole ${name} takes ${grouped(data.summary.step_ms, 2)} ms on ${data.summary.gpus} GPUs.`,
        ],
        tables: tables(id, data),
      };
    },
  };
}

export const stepPrefill = section("prefill", "prefill pass");
export const stepDecode = section("decode", "decode step");
