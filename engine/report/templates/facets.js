// Small pictures tell the shares of a day: under the pointer, or with the arrow keys.
(() => {
  "use strict";
  const island = document.getElementById("chart-data");
  if (!island) return;
  const EDGE = 2, WIDE = 160;
  let data = null;
  const unpacked = new Map();
  const percent = new Intl.NumberFormat("en-US", { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });

  // Packed as the values of charts are: decimals, the first value, then changes.
  function shares(at) {
    if (!unpacked.has(at)) {
      const [decimals, ...changes] = data.pool[at];
      let whole = 0;
      unpacked.set(at, changes.map((c) => (c === null ? null : Number(`${(whole += c)}e${-decimals}`))));
    }
    return unpacked.get(at);
  }

  function open(figure) {
    data ??= JSON.parse(island.textContent);
    const [days, ...tracks] = data.facets[figure.dataset.facet];
    return { days: data.pool[days], tracks };
  }

  // The largest share of each track on a day; nothing where none was asked for or known.
  function told({ days, tracks }, bar) {
    const lines = tracks.map(([names, bars, at]) => {
      const known = shares(at).filter((v, k) => v !== null && (bars === null ? k : bars[k]) === bar);
      return known.length ? `${names} ${percent.format(Math.max(...known))}` : "";
    });
    return [days[bar], ...lines.filter(Boolean)].join("\n");
  }

  // Orders are few: the nearest day on which there was one.
  function nearest({ tracks, days }, bar) {
    if (tracks.some(([, bars]) => bars === null)) return Math.max(0, Math.min(days.length - 1, bar));
    const bars = tracks.flatMap(([, found]) => found);
    return bars.reduce((best, b) => (Math.abs(b - bar) < Math.abs(best - bar) ? b : best), bars[0]);
  }

  function show(figure, facet, bar) {
    const picture = figure.querySelector(".near");
    let hair = picture.querySelector(".hair"), box = figure.querySelector(".told");
    if (!box) {
      hair = document.createElementNS("http://www.w3.org/2000/svg", "path");
      hair.setAttribute("class", "hair");
      picture.append(hair);
      box = document.createElement("div");
      box.className = "told";
      box.setAttribute("aria-live", "polite");
      figure.append(box);
    }
    const x = EDGE + (bar * (WIDE - 2 * EDGE)) / Math.max(1, facet.days.length - 1);
    hair.setAttribute("d", `M${x.toFixed(1)} 0V58`);
    box.textContent = told(facet, bar);
    figure.classList.toggle("right", figure.getBoundingClientRect().right > innerWidth / 2);
    figure.dataset.bar = bar;
  }

  function hide(figure) {
    figure.querySelector(".told")?.remove();
    figure.querySelector(".hair")?.remove();
  }

  function point(figure, event) {
    const facet = open(figure);
    const box = figure.querySelector(".near").getBoundingClientRect();
    const across = ((event.clientX - box.left) / box.width) * WIDE - EDGE;
    const bar = Math.round((across / (WIDE - 2 * EDGE)) * (facet.days.length - 1));
    show(figure, facet, nearest(facet, bar));
  }

  function press(figure, event) {
    if (event.key === "Escape") return void hide(figure);
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const facet = open(figure);
    const last = facet.days.length - 1;
    const asked = facet.tracks.some(([, bars]) => bars === null) ? null : new Set(facet.tracks.flatMap(([, bars]) => bars));
    let bar = Number(figure.dataset.bar ?? (by > 0 ? -1 : last + 1)) + by * (event.shiftKey ? 10 : 1);
    if (asked) while (bar > 0 && bar < last && !asked.has(bar)) bar += by;
    show(figure, facet, nearest(facet, bar));
  }

  for (const figure of document.querySelectorAll(".facet")) {
    figure.addEventListener("pointermove", (event) => point(figure, event));
    figure.addEventListener("pointerdown", (event) => point(figure, event));
    figure.addEventListener("pointerleave", () => hide(figure));
    figure.addEventListener("keydown", (event) => press(figure, event));
    figure.addEventListener("blur", () => hide(figure));
  }
})();
