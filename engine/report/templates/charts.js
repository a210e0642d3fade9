// Makes the still charts of a page hoverable once they come near the window. Whatever fails here,
// the still picture stays.
(() => {
  "use strict";
  const NEAR = "300px";
  const TALL = 132, SHORT = 94, GAP = 8, AXIS = 28, LINE = 17;
  const SHAPES = { buy: "triangle-up", sell: "triangle-down-open", stopped: "x-thin-open" };
  const SIGNS = { buy: "▲ buy", sell: "▽ sell", stopped: "✕ stopped" };
  const KEYS = ["━", "╌╌", "┈┈", "━┈", "━ ━", "╌┈"];
  const DASHES = ["solid", "6px,4px", "1px,4px", "8px,4px,1px,4px", "14px,5px", "4px,3px,1px,3px,1px,3px"];
  const HATCHES = { pause: "/", halt: "\\", flatten: "+" };
  const NAMES = ["ours", "other", "held", "price", "ink", "quiet", "rule", "paper",
    "band-pause", "band-halt", "band-flatten"];
  const DAY = 86400000;

  const island = document.getElementById("chart-data");
  if (!island || !("IntersectionObserver" in window)) return;
  const data = JSON.parse(island.textContent);
  const charts = new Map(data.charts.map((chart) => [chart.id, chart]));
  const drawn = new Map();
  const unpacked = new Map();
  let loaded = null;

  // Values come as decimals, the first value, then changes: hover.py packs them.
  function values(line) {
    if (!unpacked.has(line.values)) {
      const [decimals, ...changes] = data.pool[line.values];
      let whole = 0;
      unpacked.set(line.values, changes.map((c) => (c === null ? null : Number(`${(whole += c)}e${-decimals}`))));
    }
    return unpacked.get(line.values);
  }

  // Plotly's text knows a few tags, so names of ours may hold none.
  const plain = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const formats = {
    $: new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" }),
    $$: new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", maximumFractionDigits: 0 }),
    "%": new Intl.NumberFormat("en-US", { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    "": new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 }),
  };
  const number = (value, unit) => formats[unit === "$" && Math.abs(value) >= 10000 ? "$$" : unit].format(value).replace("-", "−").replace(/^−(.?0\.0+%?)$/, "$1");
  const moment = (day) => Date.parse(day.length > 10 ? day + "Z" : day);

  // Plotly lies on the page compressed and is not run before the first chart is near.
  async function start() {
    const source = document.getElementById("plotly-source");
    const letters = atob(source.textContent.trim());
    source.remove();
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    const text = await new Response(stream).text();
    const script = document.createElement("script");
    // An element with the id `module` or `define` would otherwise pass for a module loader.
    script.textContent = `(function (module, exports, define) {${text}\n})();`;
    document.head.append(script);
    if (!window.Plotly) throw new Error("plotly did not start");
  }
  const plotly = () => (loaded ??= start());

  // Colours are read from an element, so that any way of writing them in CSS is understood.
  function theme() {
    const probe = document.createElement("span");
    document.body.append(probe);
    const colors = {};
    for (const name of NAMES) {
      probe.style.color = `var(--${name})`;
      colors[name] = getComputedStyle(probe).color;
    }
    probe.remove();
    return colors;
  }

  const faded = (color, alpha) => color.replace(/^rgba?\(([^,]+),([^,]+),([^,)]+).*/, `rgba($1,$2,$3,${alpha})`);
  const axis = (n) => (n ? `y${n + 1}` : "y");

  // The name of a line on hover: with its panel's, where more panels have a line of that name.
  function full(chart, panel, line) {
    const twice = chart.panels.filter((p) => p.lines.some((l) => l.name === line.name)).length > 1;
    return twice ? `${panel.title}, ${line.name}` : line.name;
  }

  // What a panel's first line says beside its value: marks on the day, and bands in the first panel.
  function noted(chart, panel, nth) {
    const notes = [];
    const add = (bar, text) => (notes[bar] ??= []).push(plain(text));
    for (const [bar, , sign, text] of panel.marks) add(bar, `${SIGNS[sign][0]} ${text}`);
    for (const [first, last, label] of nth ? [] : chart.bands) {
      for (let bar = first; bar <= last; bar++) add(bar, label);
    }
    return notes;
  }

  function lineTrace(chart, panel, line, nth, colors) {
    const known = values(line);
    const notes = panel.lines[0] === line ? noted(chart, panel, nth) : [];
    const tinted = panel.fill && panel.lines[0] === line;
    return {
      type: "scatter", mode: "lines", x: data.pool[chart.days], y: known, yaxis: axis(nth + 1),
      text: known.map((v, bar) => (v === null ? "" : [number(v, panel.unit), ...notes[bar] ?? []].join("<br>"))),
      hovertemplate: `%{text}<extra>${plain(full(chart, panel, line))}</extra>`,
      line: { color: colors[line.hue], width: line.hue === "held" ? 1.4 : 1.8, dash: DASHES[line.style] },
      fill: tinted ? "tozeroy" : "none", fillcolor: faded(colors[line.hue], 0.14),
    };
  }

  function markTrace(chart, panel, sign, nth, colors) {
    const marks = panel.marks.filter((mark) => mark[2] === sign);
    const days = data.pool[chart.days];
    return {
      type: "scatter", mode: "markers", yaxis: axis(nth + 1),
      x: marks.map((mark) => days[mark[0]]), y: marks.map((mark) => mark[1]),
      hoverinfo: "skip",
      marker: {
        symbol: SHAPES[sign], size: sign === "stopped" ? 8 : 10,
        color: sign === "stopped" ? colors.ink : colors.ours,
        line: { width: sign === "buy" ? 0.75 : 2, color: sign === "buy" ? colors.paper : sign === "stopped" ? colors.ink : colors.ours },
      },
    };
  }

  // From half-way to the day before to half-way to the day after.
  function edges(days, band) {
    const at = (bar) => moment(days[Math.min(days.length - 1, Math.max(0, bar))]);
    return [(at(band[0] - 1) + at(band[0])) / 2, (at(band[1]) + at(band[1] + 1)) / 2];
  }

  // The time shown: half a bar before the first day to half a bar after the last.
  function ends(days) {
    const [first, last] = [moment(days[0]), moment(days.at(-1))];
    const half = days.length > 1 ? (last - first) / (2 * days.length - 2) : DAY / 2;
    return [first - half, last + half];
  }

  function bandTraces(chart, colors) {
    const days = data.pool[chart.days];
    return ["pause", "halt", "flatten"].filter((kind) => chart.bands.some((b) => b[3] === kind)).map((kind) => {
      const spans = chart.bands.filter((b) => b[3] === kind).map((b) => edges(days, b));
      const color = colors[`band-${kind}`];
      return {
        type: "bar", yaxis: "y", hoverinfo: "skip", y: spans.map(() => 1),
        x: spans.map(([a, b]) => new Date((a + b) / 2).toISOString()), width: spans.map(([a, b]) => b - a),
        marker: { color: faded(color, 0.12), line: { width: 0 }, pattern: { shape: HATCHES[kind], fgcolor: faded(color, 0.45), bgcolor: faded(color, 0.1), size: 7, solidity: 0.16 } },
      };
    });
  }

  function traces(chart, colors) {
    const panels = chart.panels.flatMap((panel, nth) => [
      ...panel.lines.map((line) => lineTrace(chart, panel, line, nth, colors)),
      ...Object.keys(SHAPES).filter((sign) => panel.marks.some((m) => m[2] === sign))
        .map((sign) => markTrace(chart, panel, sign, nth, colors)),
    ]);
    return [...bandTraces(chart, colors), ...panels];
  }

  // A panel's name and legend, on two lines where one is too narrow.
  function title(panel, colors, width) {
    const named = panel.keyed ? panel.lines : [];
    const keys = named.map((l) => `<span style="color:${colors[l.hue]}">${KEYS[l.style]}</span> ${plain(l.name)}`);
    const signs = Object.keys(SIGNS).filter((s) => panel.marks.some((m) => m[2] === s)).map((s) => SIGNS[s]);
    const letters = panel.title.length + [...named.map((l) => l.name), ...signs].join("").length + 5 * keys.length + 2 * signs.length;
    const wide = letters * 6.6 < width;
    return { rows: wide ? 1 : 2, text: `<b>${plain(panel.title)}</b>${wide ? "   " : "<br>"}${[...keys, ...signs].join("   ")}` };
  }

  // Names above the bands, in up to five rows: each where it first holds, then again where the
  // lowest row is free. The same rules as in svg.py, by the width of the window.
  function bandLabels(chart, width) {
    const days = data.pool[chart.days];
    const [first, last] = ends(days);
    const labels = chart.bands.map((band, nth) => {
      const text = band[2].length > 36 ? band[2].slice(0, 35).trimEnd() + "…" : band[2];
      const from = edges(days, band)[0];
      const room = text.length * 6.1 + 8;
      const tie = ((from - first) / (last - first)) * width;
      const flush = tie + room > width;
      return { text, from, tie, flush, left: flush ? tie - room : tie, right: flush ? tie : tie + room,
        once: chart.bands.findIndex((b) => b[2] === band[2]) === nth, row: 0 };
    });
    const turn = (some) => [...some.filter((l) => !l.flush).reverse(), ...some.filter((l) => l.flush)];
    const placed = [];
    for (const label of [...turn(labels.filter((l) => l.once)), ...turn(labels.filter((l) => !l.once))]) {
      const row = (label.once ? [0, 1, 2, 3, 4] : [0]).find((r) => !placed.some((p) => collide({ ...label, row: r }, p)));
      if (row !== undefined) placed.push({ ...label, row });
    }
    return placed;
  }

  function collide(one, other) {
    if (one.row === other.row) return one.left < other.right && other.left < one.right;
    const [upper, lower] = one.row > other.row ? [one, other] : [other, one];
    return lower.left < upper.tie && upper.tie < lower.right;
  }

  // Letters of a panel's longest tick.
  function widest(panel) {
    const top = Math.max(0, ...panel.lines.flatMap((line) => values(line)).map((v) => Math.abs(v ?? 0)));
    return panel.unit === "%" ? 7 : (Math.round(top).toLocaleString("en-US") + panel.unit).length;
  }

  function timeAxis(chart, colors, inner) {
    const days = data.pool[chart.days];
    return {
      type: "date", domain: [0, 1], anchor: axis(chart.panels.length), autorange: false,
      range: ends(days).map((m) => new Date(m).toISOString()),
      nticks: Math.max(2, Math.floor(inner / 80)), hoverformat: "%Y-%m-%d", showgrid: false, ticks: "outside", ticklen: 4,
      tickformatstops: [
        { dtickrange: [null, "M1"], value: "%Y-%m-%d" }, { dtickrange: ["M1", "M11"], value: "%Y-%m" }, { dtickrange: ["M12", null], value: "%Y" },
      ],
      tickcolor: colors.quiet, linecolor: colors.quiet, showline: true,
      showspikes: true, spikemode: "across", spikesnap: "hovered data", spikethickness: 1, spikedash: "solid", spikecolor: colors.quiet,
    };
  }

  function valueAxis(panel, colors, domain) {
    return {
      domain, fixedrange: true, nticks: panel.fill ? 5 : 6,
      tickformat: { $: "$,~f", "%": ",.1%", "": ",~f" }[panel.unit], rangemode: panel.fill ? "tozero" : "normal",
      ticklabelstandoff: 4, gridcolor: colors.rule, zerolinecolor: colors.quiet, zerolinewidth: 1,
      zeroline: panel.fill || panel.unit === "%",
    };
  }

  function layout(chart, colors, width, wanted) {
    const narrow = width < 520;
    const margin = { l: Math.max(narrow ? 48 : 62, ...chart.panels.map((p) => widest(p) * 7 + 12)), r: 12, b: AXIS };
    const inner = width - margin.l - margin.r;
    const heads = chart.panels.map((panel) => title(panel, colors, narrow ? width : inner));
    const labels = bandLabels(chart, inner);
    margin.t = LINE * (1 + Math.max(-1, ...labels.map((l) => l.row))) + 4;
    const bases = chart.panels.map((p) => (p.fill ? SHORT : TALL));
    const fixed = margin.t + margin.b + heads.reduce((sum, h) => sum + h.rows * LINE + 8, 0) + GAP * (bases.length - 1);
    const base = bases.reduce((a, b) => a + b, 0);
    const scale = Math.max(1, (wanted - fixed) / base);
    const height = Math.round(fixed + base * scale);
    const plot = height - margin.t - margin.b;
    const figure = {
      width, height, margin, showlegend: false, hovermode: "x unified", hoversubplots: "axis", hoverdistance: -1,
      barmode: "overlay", dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
      paper_bgcolor: colors.paper, plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: "system-ui, sans-serif", size: narrow ? 11 : 12, color: colors.quiet },
      hoverlabel: { bgcolor: colors.paper, bordercolor: colors.rule, namelength: -1, font: { color: colors.ink, size: 12 } },
      annotations: [], shapes: [],
      xaxis: timeAxis(chart, colors, inner),
      yaxis: { domain: [0, 1], range: [0, 1], visible: false, fixedrange: true },
    };
    let top = 0;
    chart.panels.forEach((panel, nth) => {
      top += heads[nth].rows * LINE + 8;
      const bottom = top + bases[nth] * scale;
      figure[`yaxis${nth + 2}`] = valueAxis(panel, colors, [Math.max(0, 1 - bottom / plot), 1 - top / plot]);
      figure.annotations.push({
        text: heads[nth].text, x: 0, y: 1 - top / plot, xref: "paper", yref: "paper", xanchor: "left", yanchor: "bottom",
        showarrow: false, align: "left", font: { color: colors.ink }, xshift: narrow ? 4 - margin.l : 0, yshift: narrow ? 7 : 2, bgcolor: faded(colors.paper, 0.7),
      });
      top = bottom + GAP;
    });
    for (const { row, from, flush, text } of labels) {
      const up = 4 + LINE * row;
      const x = new Date(from).toISOString();
      figure.annotations.push({
        text: plain(text), x, xshift: flush ? -2 : 2, y: 1, yshift: up - 4, xref: "x", yref: "paper",
        xanchor: flush ? "right" : "left", yanchor: "bottom",
        showarrow: false, font: { color: colors.ink, size: 11 },
      });
      figure.shapes.push({
        type: "line", xref: "x", yref: "paper", x0: x, x1: x, y0: 1, y1: 1 + up / plot,
        line: { color: colors.quiet, width: 0.75 },
      });
    }
    return figure;
  }

  const config = {
    displaylogo: false, showSendToCloud: false, showEditInChartStudio: false, plotlyServerURL: "", responsive: false,
    displayModeBar: false, doubleClick: "reset",
  };

  function redraw(entry) {
    const { figure, plot, chart } = entry;
    const width = Math.round(figure.clientWidth);
    if (!width) return Promise.resolve();
    entry.width = width;
    const colors = theme();
    const still = figure.querySelector(".still").viewBox.baseVal;
    const wanted = Math.min(560, (width * still.height) / still.width);
    return window.Plotly.react(plot, traces(chart, colors), layout(chart, colors, width, wanted), config);
  }

  async function draw(figure) {
    const chart = charts.get(figure.dataset.chart);
    if (!chart || drawn.has(figure)) return;
    // Folded away while it waited its turn: seen again when it is opened.
    if (!figure.clientWidth) return void near.observe(figure);
    const plot = document.createElement("div");
    const said = document.createElement("p");
    const entry = { figure, plot, said, chart, bar: -1, width: 0 };
    drawn.set(figure, entry);
    try {
      await plotly();
      plot.className = "plot";
      said.className = "said";
      said.setAttribute("aria-live", "polite");
      plot.tabIndex = 0;
      plot.setAttribute("role", "group");
      plot.setAttribute("aria-label", `${chart.alt} Left and right arrow keys move from day to day.`);
      figure.append(plot, said);
      await redraw(entry);
      figure.classList.add("drawn");
      plot.addEventListener("keydown", (event) => press(entry, event));
      sizes.observe(figure);
    } catch {
      plot.remove();
      said.remove();
      figure.classList.remove("drawn");
    }
  }

  function press(entry, event) {
    const last = data.pool[entry.chart.days].length - 1;
    const far = event.shiftKey ? 10 : 1;
    const to = { ArrowLeft: entry.bar - far, ArrowRight: entry.bar + far, Home: 0, End: last }[event.key];
    if (event.key === "Escape") window.Plotly.Fx.unhover(entry.plot);
    if (to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    entry.bar = Math.max(0, Math.min(last, to));
    const days = data.pool[entry.chart.days];
    window.Plotly.Fx.hover(entry.plot, { xval: moment(days[entry.bar]), yval: 0.5 }, ["xy2"]);
    entry.said.textContent = told(entry.chart, entry.bar);
  }

  // What the hover shows, as text for a screen reader.
  function told(chart, bar) {
    const parts = chart.panels.flatMap((panel) => [
      ...panel.lines.filter((l) => values(l)[bar] !== null)
        .map((l) => `${full(chart, panel, l)} ${number(values(l)[bar], panel.unit)}`),
      ...panel.marks.filter((m) => m[0] === bar).map((m) => m[3]),
    ]);
    const bands = chart.bands.filter((b) => b[0] <= bar && bar <= b[1]).map((b) => b[2]);
    return [data.pool[chart.days][bar], ...parts, ...bands].join("; ");
  }

  // One chart at a time, in the page's idle moments.
  const waiting = [];
  const idle = window.requestIdleCallback ?? ((work) => setTimeout(work, 30));
  let busy = false;
  async function work() {
    const figure = waiting.shift();
    if (!figure) return void (busy = false);
    await draw(figure);
    return void idle(work, { timeout: 500 });
  }
  function ask(figure) {
    waiting.push(figure);
    if (!busy) busy = true, idle(work, { timeout: 500 });
  }

  const sizes = new ResizeObserver((changes) => requestAnimationFrame(() => {
    for (const { target } of changes) {
      const entry = drawn.get(target);
      if (target.clientWidth && Math.abs(target.clientWidth - entry.width) > 1) redraw(entry).catch(() => target.classList.remove("drawn"));
    }
  }));
  const near = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      ask(target);
    }
  }, { rootMargin: NEAR });
  document.querySelectorAll("figure[data-chart]").forEach((figure) => near.observe(figure));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const [figure, entry] of drawn) if (figure.classList.contains("drawn")) redraw(entry);
  });
})();
