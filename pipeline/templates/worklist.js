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
    const link = row.querySelector("a");
    const page = link && document.getElementById(link.hash.slice(1));
    const parts = [...row.cells, ...(page ? page.querySelectorAll("[data-find] dd") : [])];
    const conditions = row.querySelector(".conditions");
    return {
      row,
      text: plain(parts.map((part) => part.textContent).join(" ")),
      band: row.dataset.band,
      isNew: "new" in row.dataset,
      hasChecks: "checks" in row.dataset,
      conditions: conditions ? `, ${conditions.textContent}, ` : "",
    };
  };
  // Read once: while nothing else is to do, or at the latest when somebody is about to look for something.
  let groups;
  const read = () => {
    groups ??= Array.from(list.tBodies, (body) => ({ body, lines: Array.from(body.rows, known) }));
  };

  const wanted = () => {
    const { search, band, condition, checks, fresh } = form.elements;
    const words = plain(search.value).split(/\s+/).filter(Boolean);
    const joined = words.join("");
    return (line) =>
      (words.every((word) => line.text.includes(word)) || line.text.includes(joined)) &&
      (!band.value || line.band === band.value) &&
      (!condition.value || line.conditions.includes(`, ${condition.value}, `)) &&
      (!checks.value || line.hasChecks === (checks.value === "yes")) &&
      (!fresh.checked || line.isNew);
  };

  const filter = () => {
    read();
    const isWanted = wanted();
    let shown = 0;
    let total = 0;
    for (const { body, lines } of groups) {
      let here = 0;
      for (const line of lines) {
        const isHidden = !isWanted(line);
        if (line.row.hidden !== isHidden) line.row.hidden = isHidden;
        here += isHidden ? 0 : 1;
      }
      body.hidden = here === 0;
      // As high as what is left of it, until it is laid out.
      body.style.containIntrinsicBlockSize = here === lines.length ? "" : `${4.5 * here}rem`;
      shown += here;
      total += lines.length;
    }
    form.classList.toggle("is-filtered", shown < total);
    count.textContent = shown < total ? `${shown} of ${total} people are shown` : all;
  };

  form.addEventListener("focusin", read);
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  // A browser that remembers what was typed, or the page as it was left, is made to forget.
  addEventListener("pageshow", (event) => {
    const isTouched = Array.from(new FormData(form).values()).some(Boolean);
    if (event.persisted || isTouched) form.reset();
  });
  form.hidden = false;
  if (window.requestIdleCallback) requestIdleCallback(read);
})();
