// Where the numbers come from, last of all.
import {h} from "./dom.js";
import {grouped} from "./format.js";
import {parts, report} from "./report.js";

// [what, where from].
function lines() {
  const {result, program} = report;
  const all = [["Page", program]];
  if (result) {
    const {run, service, summary} = result;
    all.push(
      ["Run", `${run.program}, seed ${run.seed}`],
      ["Scenario digest", run.scenario_digest],
      ["Event digest", run.event_digest],
      [
        "Simulated",
        `${grouped(run.requests_simulated)} requests, ${grouped(run.prefill_passes)} prefill passes, ` +
          `${grouped(run.decode_steps)} decode steps`,
      ],
      ["Kernel times", `calib/fitted/${service.gpu}.json, which names its measurements`],
      ["Quantiles", `within ${summary.latency_relative_error * 100} %; means and counts are exact`],
      ["Published", result.published.source ?? "nothing"],
    );
  }
  return [...all, ...parts().map(({name, question}) => [`Asked of the ${name}`, question])];
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
