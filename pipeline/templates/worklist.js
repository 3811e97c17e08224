// Hides the lines that are not looked for. What it knows of them it reads off the page; it keeps nothing and sends nothing.
"use strict";
(() => {
  const form = document.getElementById("filters");
  const list = document.getElementById("list");
  if (!form || !list) return;
  const count = document.getElementById("count");
  const all = count.textContent;
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  // What a line is found by: what stands on it, and where its person is looked after.
  const known = (row) => {
    const page = document.getElementById(row.querySelector("a")?.hash.slice(1));
    const texts = [row, ...(page?.querySelectorAll("[data-find] dd") ?? [])].map((part) => part.textContent);
    const names = Array.from(row.querySelectorAll(".conditions li"), (name) => name.textContent);
    return {
      row,
      text: plain(texts.join(" ")),
      band: row.dataset.band,
      isNew: "new" in row.dataset,
      hasChecks: "checks" in row.dataset,
      conditions: new Set(names),
    };
  };
  const groups = Array.from(list.querySelectorAll("tbody"), (body) => ({ body, lines: Array.from(body.rows, known) }));
  const total = groups.reduce((sum, group) => sum + group.lines.length, 0);

  const wanted = () => {
    const { search, band, condition, checks, fresh } = form.elements;
    const words = plain(search.value).split(/\s+/).filter(Boolean);
    const joined = words.join("");
    return (line) =>
      (words.every((word) => line.text.includes(word)) || line.text.includes(joined)) &&
      (!band.value || line.band === band.value) &&
      (!condition.value || line.conditions.has(condition.value)) &&
      (!checks.value || line.hasChecks === (checks.value === "yes")) &&
      (!fresh.checked || line.isNew);
  };

  const filter = () => {
    const isWanted = wanted();
    let shown = 0;
    for (const { body, lines } of groups) {
      let here = 0;
      for (const line of lines) {
        line.row.hidden = !isWanted(line);
        here += line.row.hidden ? 0 : 1;
      }
      body.hidden = here === 0;
      // As high as what is left of it, until it is laid out.
      body.style.containIntrinsicBlockSize = here === lines.length ? "" : `${4.5 * here}rem`;
      shown += here;
    }
    const isAll = shown === total;
    form.classList.toggle("is-filtered", !isAll);
    count.textContent = isAll ? all : `${shown} of ${total} people are shown`;
  };

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  // A browser that remembers what was typed, or the page as it was left, is made to forget.
  addEventListener("pageshow", () => {
    form.reset();
    filter();
  });
  form.hidden = false;
})();
