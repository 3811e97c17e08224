// Draws the pictures of the documentation: `node pictures.mjs PAGES ../../../docs/pictures`.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { launch } from "./browser.mjs";

const [pages, out] = process.argv.slice(2).map((folder) => resolve(folder));
const list = pathToFileURL(join(pages, "list.html")).href;
const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });

await page.goto(list);
await page.screenshot({ path: join(out, "worklist.png") });
await page.click("#l1");
await page.screenshot({ path: join(out, "person.png") });

await page.goto(list);
const scratch = mkdtempSync(join(tmpdir(), "earlycall-pictures-"));
const printed = join(scratch, "printed.pdf");
await page.pdf({ path: printed, preferCSSPageSize: true });
execFileSync("pdftoppm", ["-png", "-r", "90", "-f", "2", "-singlefile", printed, join(out, "print")]);
rmSync(scratch, { recursive: true });
await browser.close();
