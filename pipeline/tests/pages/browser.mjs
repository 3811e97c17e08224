// The browser, and what it prints.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

// Nothing is loaded from anywhere, so the browser's own sandbox may be missing, as in most containers.
export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });

// The texts of the sheets on which a page is printed.
export const sheets = async (page) => {
  const folder = mkdtempSync(join(tmpdir(), "earlycall-pages-"));
  try {
    const path = join(folder, "printed.pdf");
    await page.pdf({ path, preferCSSPageSize: true });
    const size = execFileSync("pdfinfo", [path], { encoding: "utf8" }).match(/Page size: +([\d.]+) x ([\d.]+)/);
    assert.deepEqual(size.slice(1).map((side) => Math.round(side)), [842, 595], "A4 landscape, in points");
    const text = execFileSync("pdftotext", ["-layout", path, "-"], { encoding: "utf8", maxBuffer: 1 << 28 });
    return text.split("\f").slice(0, -1);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

// Every sheet says what it is, and no line is lost between two of them.
export const paper = async (page, address, nLines) => {
  await page.goto(address);
  const run = (await page.textContent("footer strong:last-of-type")).trim();
  const printed = await sheets(page);
  const references = new Set();
  let sheetsOfList = 0;
  printed.forEach((text, at) => {
    for (const words of ["Contains patient data", run, `Page ${at + 1} of ${printed.length}`]) {
      assert.ok(text.includes(words), `sheet ${at + 1} says "${words}"`);
    }
    const here = text.match(/\b[A-Z2-7]{5} [A-Z2-7]{5}\b/g) ?? [];
    here.forEach((reference) => references.add(reference));
    if (nLines > 0 && here.length > 0) {
      sheetsOfList += 1;
      assert.match(text, /No\. +Person +Risk +Band and change +Main reasons/, `sheet ${at + 1} has the header row`);
    }
  });
  if (nLines > 0) {
    const expected = await page.$$eval("#list .ref", (all) => all.map((one) => one.textContent.slice(0, 10)));
    assert.equal(expected.length, nLines);
    const lost = expected.filter((one) => !references.has(`${one.slice(0, 5)} ${one.slice(5)}`));
    assert.deepEqual(lost, [], "everybody is on paper");
  }
  return `${printed.length} sheets`;
};
