// node build.mjs NODE_MODULES PAGE: bundles src/ and styles/ into page.html, one file that asks the network
// for nothing: its policy allows the one script and the one style sheet whose hashes it names. The program
// puts its data where {{data}} stands.
import {createHash} from "node:crypto";
import {mkdirSync, readFileSync, writeFileSync} from "node:fs";
import {createRequire} from "node:module";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";

const [modules, page] = process.argv.slice(2);
const source = dirname(fileURLToPath(import.meta.url));
const esbuild = createRequire(join(modules, "from-here.js"))("esbuild");

function bundle(entry, options) {
  const built = esbuild.buildSync({
    entryPoints: [join(source, entry)],
    nodePaths: [modules],
    bundle: true,
    minify: true,
    write: false,
    charset: "utf8",
    legalComments: "none", // the licences stand in the page, whole
    logLevel: "warning",
    ...options,
  });
  return built.outputFiles[0].text.trim();
}

const hash = text => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const escape = text => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

// What is bundled must carry its licence wherever it goes.
function licences() {
  const version = JSON.parse(readFileSync(join(modules, "echarts/package.json"), "utf8")).version;
  const files = [
    "echarts/NOTICE",
    "echarts/LICENSE",
    "echarts/licenses/LICENSE-d3",
    "zrender/LICENSE",
    "tslib/LICENSE.txt",
  ];
  const texts = files.map(file => `${file}\n\n${readFileSync(join(modules, file), "utf8").trim()}`);
  return escape([`Charts: Apache ECharts ${version}`, ...texts].join(`\n\n${"-".repeat(80)}\n\n`));
}

const script = bundle("src/main.js", {format: "iife", target: ["es2020"]});
const style = bundle("styles/main.css", {});
const parts = {
  policy:
    `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; img-src data:; ` +
    `base-uri 'none'; form-action 'none'`,
  style,
  licences: licences(),
  script,
};
const template = readFileSync(join(source, "page.html"), "utf8");
mkdirSync(dirname(page), {recursive: true});
writeFileSync(
  page,
  template.replace(/{{(\w+)}}/g, (mark, name) => parts[name] ?? mark),
);
