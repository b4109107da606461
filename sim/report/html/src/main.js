// Draws the report: what it is about, a section for every question that its data answers, where it comes
// from.
import {redraw} from "./chart.js";
import {h} from "./dom.js";
import {head} from "./head.js";
import {prepareForPrint} from "./print.js";
import {provenance} from "./provenance.js";
import {section} from "./section.js";
import {sections} from "./sections/all.js";

const made = sections.map(s => [s, s.content()]).filter(([, content]) => content);
const parts = made.map(([s, content]) => section(s, content));
const contents = h(
  "nav",
  {class: "contents", "aria-label": "Contents"},
  h(
    "ul",
    {},
    made.map(([s]) => h("li", {}, h("a", {href: `#${s.id}`}, s.title))),
  ),
);

document.getElementById("report").append(
  head(),
  contents,
  h(
    "main",
    {},
    parts.map(part => part.element),
  ),
  provenance(),
);
for (const part of parts) part.draw();

new ResizeObserver(() => redraw()).observe(document.querySelector("main"));

prepareForPrint();
