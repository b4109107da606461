// What the program put into the page: {program, figures, result, plan, layouts, ...}, each file by its name.
export const report = JSON.parse(document.getElementById("data").textContent);

// The value at a JSON pointer, such as "/result/hours/0/cost_usd/total"; undefined where there is none.
export const get = pointer =>
  pointer
    .split("/")
    .slice(1)
    .reduce((value, step) => (value == null ? undefined : value[step]), report);
