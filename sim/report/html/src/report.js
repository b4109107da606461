// What the program put into the page: {program, figures, result, plan, layouts, ...}, each file by its name.
export const report = JSON.parse(document.getElementById("data").textContent);

// The value at a JSON pointer, such as "/result/hours/0/cost_usd/total"; undefined where there is none.
export const get = pointer =>
  pointer
    .split("/")
    .slice(1)
    .reduce((value, step) => (value == null ? undefined : value[step]), report);

// The files that there are, the most important first: [{name, question}].
export const parts = () =>
  [
    ["run", "result"],
    ["plan", "plan"],
    ["finance", "finance"],
    ["layouts", "layouts"],
    ["prefill pass", "step_prefill"],
    ["decode step", "step_decode"],
  ]
    .filter(([, key]) => report[key])
    .map(([name, key]) => ({name, question: report[key].question}));
