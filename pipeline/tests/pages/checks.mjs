// One check each: opens a page of a night, does what a coach would do, and throws where it should have been otherwise.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

// No rule of WCAG 2.2 AA is broken by what is on the screen, or further down. axe looks at every element against others,
// so it is spared what nobody can perceive, the pages of persons that are not open, and of a very long list it gets every
// n-th group of lines.
export const axe = async (page, address, everyNth = 1) => {
  await page.goto(address);
  await page.evaluate((everyNth) => {
    document.querySelectorAll(".person:not(:target)").forEach((person) => person.remove());
    document.querySelectorAll("#list tbody").forEach((group, at) => {
      group.style.contentVisibility = "visible"; // as it is once it has been scrolled to
      if (at % everyNth !== 0) group.remove();
    });
  }, everyNth);
  await page.evaluate(AXE);
  const told = await page.evaluate(async (values) => {
    const found = await window.axe.run({ runOnly: { type: "tag", values }, resultTypes: ["violations"] });
    return {
      broken: found.violations.map((one) => `${one.id} at ${one.nodes.length} places, first ${one.nodes[0].target}`),
      kept: found.passes.length,
    };
  }, WCAG);
  assert.deepEqual(told.broken, []);
  return `${told.kept} rules hold`;
};

// With 320 pixels, which is 1280 at 400%, nobody scrolls sideways.
export const reflows = async (page, addresses) => {
  for (const address of addresses) {
    await page.goto(address);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 320, `${address.split("/").pop()} is ${wide} pixels wide`);
  }
};

const focused = (page) =>
  page.evaluate(() => {
    const here = document.activeElement;
    const { top, bottom } = here.getBoundingClientRect();
    const head = document.querySelector("#list thead").getBoundingClientRect();
    return { id: here.id, name: here.textContent, href: here.hash ?? "", top, bottom, headBottom: head.bottom };
  });

const tabTo = async (page, isThere, key = "Tab") => {
  for (let n = 0; n < 30; n += 1) {
    await page.keyboard.press(key);
    const here = await focused(page);
    if (isThere(here)) return here;
  }
  throw new Error("30 presses of the key do not lead there");
};

export const keyboard = async (page, address) => {
  await page.goto(address);
  await page.keyboard.press("Tab");
  assert.equal((await focused(page)).href, "#list", "the first stop skips to the list");
  await tabTo(page, (here) => here.id === "search");
  await tabTo(page, (here) => here.id === "l1");
  await page.keyboard.press("Enter");
  assert.ok(await page.isVisible("#p1 caption"), "what makes up the risk is on the screen");
  assert.ok(!(await page.isVisible("#list")), "and nobody else's line");
  await tabTo(page, (here) => here.href === "#l1");
  await page.keyboard.press("Enter");
  assert.ok(await page.isVisible("#list"), "the list is back");
  assert.equal((await focused(page)).id, "l1", "where it was left");
  const ways = [["Tab", 60], ["Shift+Tab", 55]];
  for (const [key, times] of ways) {
    for (let n = 0; n < times; n += 1) {
      await page.keyboard.press(key);
      const { id, top, bottom, headBottom } = await focused(page);
      assert.ok(top >= headBottom - 1 && bottom <= 769, `${key} to ${id}: from ${top} to ${bottom} under ${headBottom}`);
    }
  }
};

// When a page is on the screen, and read whole, in milliseconds: the best of three times, if the first is not soon enough.
const opened = async (page, address, paintedMax) => {
  let [painted, loaded] = [Infinity, 0];
  for (let n = 0; n < 3 && painted >= paintedMax; n += 1) {
    await page.goto("about:blank");
    await page.goto(address);
    [painted, loaded] = await page.evaluate(() => [
      Math.round(performance.getEntriesByName("first-contentful-paint")[0].startTime),
      Math.round(performance.getEntriesByType("navigation")[0].domInteractive),
    ]);
  }
  return [painted, loaded];
};

// How long it takes until the list is on the screen, at best of three times, and how long the page works at a filter's
// answer, laid out, at worst; in milliseconds. Work is counted by the processor's clock: what else the machine does
// is not the page's. When all of the file is read is told, too, but not judged.
export const usable = async (page, address, { painted: paintedMax, filter: filterMax }) => {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const worked = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    const parts = ["ScriptDuration", "LayoutDuration", "RecalcStyleDuration"];
    return 1000 * metrics.filter(({ name }) => parts.includes(name)).reduce((sum, { value }) => sum + value, 0);
  };
  const [painted, loaded] = await opened(page, address, paintedMax);
  await page.focus("#search");
  const condition = await page.$eval("#condition", (choice) => choice.options[1].value);
  const steps = [
    ["search", "a"], ["search", "admissions"], ["search", "copd ambulance"], ["search", "nobody has this"], ["search", ""],
    ["band", "rising"], ["band", ""], ["checks", "yes"], ["checks", ""], ["condition", condition], ["condition", ""],
  ];
  const found = [];
  let slowest = 0;
  for (const step of steps) {
    const before = await worked();
    await page.evaluate(([name, value]) => {
      const field = document.getElementById("filters").elements[name];
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      document.body.getBoundingClientRect(); // waits for the layout
    }, step);
    slowest = Math.max(slowest, Math.round((await worked()) - before));
    const [shown, told] = await page.evaluate(() => [
      document.querySelectorAll("#list tbody:not([hidden]) tr:not([hidden])").length,
      document.getElementById("count").textContent,
    ]);
    assert.equal(shown, Number(told.match(/^\d+/)[0]), `${step} tells how many are shown`);
    found.push(shown);
  }
  assert.equal(found[3], 0);
  assert.ok(found[1] > 0 && found[5] > 0 && found[5] < found[4]);
  const told = `painted after ${painted} ms, whole after ${loaded} ms, slowest filter ${slowest} ms of work`;
  assert.ok(slowest < filterMax && painted < paintedMax, told);
  return told;
};

// A page without controls is on the screen in time.
export const painted = async (page, address, paintedMax) => {
  const [painted] = await opened(page, address, paintedMax);
  assert.ok(painted < paintedMax, `painted after ${painted} ms`);
  return `painted after ${painted} ms`;
};

const numbers = (page) =>
  page.$$eval("#list tbody tr:not([hidden]) > td:first-child", (cells) => cells.map((cell) => Number(cell.textContent)));
const inOrder = (n) => Array.from({ length: n }, (_, at) => at + 1);

export const remembersNothing = async (page, address) => {
  await page.goto(address);
  await page.fill("#search", "nobody has this");
  await page.check("#fresh");
  assert.deepEqual(await numbers(page), []);
  const isWhole = async () => {
    assert.deepEqual(await numbers(page), inOrder(25));
    assert.equal(await page.inputValue("#search"), "");
  };
  await page.reload();
  await isWhole();
  await page.fill("#search", "nobody has this");
  await page.goto("about:blank");
  await page.goBack();
  await isWhole();
  await page.fill("#search", "nobody has this");
  await page.click("button[type=reset]");
  await page.waitForFunction(() => document.getElementById("count").textContent.includes("all are shown"));
  await isWhole();
};

export const withoutScript = async (page, address) => {
  await page.goto(address);
  assert.deepEqual(await numbers(page), inOrder(25));
  assert.ok(!(await page.isVisible("#filters")), "there is no dead control");
  await page.click("#l3");
  assert.ok(await page.isVisible("#p3 caption"));
  await page.click("#p3 nav a");
  assert.ok(await page.isVisible("#list"));
};

export const nothingRuns = async (page, address) => {
  const loud = [];
  page.on("console", (message) => loud.push(message.text()));
  page.on("pageerror", (error) => loud.push(error.message));
  page.on("dialog", (dialog) => loud.push(dialog.message()));
  page.on("request", (request) => request.url().startsWith(address.split("#")[0]) || loud.push(request.url()));
  await page.goto(address);
  await page.fill("#search", "<script>");
  const found = await page.evaluate(() => ({
    title: document.title.includes("harmed"),
    scripts: document.scripts.length,
    others: document.querySelectorAll("img, main svg:not(.bars svg, .trend svg), iframe, link, object").length,
    count: document.getElementById("count").textContent,
  }));
  assert.deepEqual(found, { title: false, scripts: 1, others: 0, count: "2 of 12 people are shown" });
  assert.deepEqual(loud, [], "nothing is said, asked for or loaded");
};
