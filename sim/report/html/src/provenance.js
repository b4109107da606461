// Where the numbers come from, last of all.
import {h} from "./dom.js";
import {grouped} from "./format.js";
import {report} from "./report.js";

function lines() {
  const {result, program} = report;
  const all = [["Page written by", program]];
  if (result) {
    const {run, published} = result;
    all.push(
      ["Scenario digest", run.scenario_digest],
      ["Event digest", run.event_digest],
      ["Seed", String(run.seed)],
      [
        "Simulated",
        `${grouped(run.requests_simulated)} requests, ${grouped(run.prefill_passes)} prefill passes, ` +
          `${grouped(run.decode_steps)} decode steps`,
      ],
      ["Quantiles", `within ${result.summary.latency_relative_error * 100} %; means and counts are exact`],
    );
    if (published.source) all.push(["Published figures", published.source]);
  }
  for (const name of ["plan", "layouts", "step_prefill", "step_decode"])
    if (report[name]) all.push([name.replace("_", ", "), report[name].question]);
  return all;
}

export const provenance = () =>
  h(
    "footer",
    {},
    h("h2", {}, "Provenance"),
    h(
      "dl",
      {},
      lines().map(([term, text]) => [h("dt", {}, term), h("dd", {}, text)]),
    ),
    h(
      "p",
      {class: "note"},
      "The same scenario, seed and program give the same events, and so the same digests. " +
        "This page holds the result files whole, and asks the network for nothing.",
    ),
  );
