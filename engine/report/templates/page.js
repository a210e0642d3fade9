"use strict";
(() => {
  // A link to a run opens its fold; so does the browser's back button.
  const reach = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", reach);
  addEventListener("DOMContentLoaded", reach);

  // On paper every fold is open, and closed again afterwards.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const fold of closed) fold.open = true;
  });
  addEventListener("afterprint", () => { for (const fold of closed) fold.open = false; });

  // Tables sort by their figures, not by the figures' texts.
  const key = (row, at) => {
    const cell = row.cells[at], data = cell.querySelector("data");
    return data ? Number(data.value) : cell.textContent.trim();
  };
  const words = new Intl.Collator("en", { numeric: true });
  const compare = (a, b) => typeof a === "number" && typeof b === "number"
    ? a - b : words.compare(String(a), String(b));
  const sort = (table, at, button) => {
    const down = button.getAttribute("aria-sort") === "ascending";
    for (const th of table.tHead.rows[0].cells) th.removeAttribute("aria-sort");
    button.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = [...table.tBodies[0].rows].map((row) => [key(row, at), row]);
    rows.sort(([a], [b]) => (down ? -1 : 1) * compare(a, b));
    table.tBodies[0].append(...rows.map(([, row]) => row));
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((th, at) => {
      th.tabIndex = 0;
      th.title = "sort";
      th.addEventListener("click", () => sort(table, at, th));
      th.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        sort(table, at, th);
      });
    });
  }
})();
