// Every section, in the order of the page: {id, title, question, content()}, where content() is null when the
// data does not answer the question.
import {bands} from "./bands.js";
import {latency} from "./latency.js";
import {layouts} from "./layouts.js";
import {money} from "./money.js";
import {nodes} from "./nodes.js";
import {published} from "./published.js";
import {sensitivity} from "./sensitivity.js";
import {stepDecode, stepPrefill} from "./step.js";
import {timeline} from "./timeline.js";
import {use} from "./use.js";
import {waterfall} from "./waterfall.js";

export const sections = [
  published,
  bands,
  nodes,
  timeline,
  money,
  waterfall,
  sensitivity,
  latency,
  use,
  layouts,
  stepPrefill,
  stepDecode,
];
