// On paper every table is open, and charts are drawn as wide as the paper.
import {redraw} from "./chart.js";

export function prepareForPrint() {
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("section details:not([open])")];
    for (const details of closed) details.open = true;
    document.documentElement.classList.add("paper");
    redraw();
  });
  addEventListener("afterprint", () => {
    for (const details of closed) details.open = false;
    document.documentElement.classList.remove("paper");
    redraw();
  });
}
