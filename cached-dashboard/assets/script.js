"use strict";
// Shows what the server tells; decides nothing. Text is set as text, never as markup.
(() => {
  const base = location.pathname.replace(/\/?$/, "/");
  const $ = (id) => document.getElementById(id);
  const POINTS = 120, EVENTS = 100;
  const history = new Map();
  const make = (tag, text, cls) => {
    const node = document.createElement(tag);
    if (text !== undefined) node.textContent = text;
    if (cls) node.className = cls;
    return node;
  };
  const percent = (share) => share === null ? "–" : (share * 100).toFixed(1) + " %";
  const micros = (us) => us === null || us === undefined ? "–"
    : us < 1 ? (us * 1000).toFixed(0) + " ns" : us < 1000 ? us.toFixed(us < 10 ? 1 : 0) + " µs"
    : us < 1e6 ? (us / 1000).toFixed(1) + " ms" : (us / 1e6).toFixed(2) + " s";
  const bytes = (n) => n < 1048576 ? (n / 1024).toFixed(0) + " KiB" : (n / 1048576).toFixed(1) + " MiB";
  const push = (name, value) => {
    const points = history.get(name) || [];
    points.push(value);
    if (points.length > POINTS) points.shift();
    history.set(name, points);
    return points;
  };
  // Gaps stay gaps: a second without reads has no hit rate.
  const draw = (svg, points, top, w, h) => {
    const high = top || Math.max(1, ...points.filter((p) => p !== null));
    let d = "", pen = "M";
    points.forEach((p, i) => {
      if (p === null) { pen = "M"; return; }
      const x = (POINTS - points.length + i) * w / (POINTS - 1), y = h - 2 - (p / high) * (h - 4);
      d += pen + x.toFixed(1) + " " + y.toFixed(1) + (pen === "M" ? "h.1" : "");
      pen = "L";
    });
    let path = svg.firstElementChild;
    if (!path) {
      path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("class", "curve");
      svg.append(path);
    }
    path.setAttribute("d", d);
  };
  const tiles = (now) => {
    const remote = now.health.remote, rows = [
      ["hit rate since start", percent(now.reads ? now.hits / now.reads : null)],
      ["reads", now.reads], ["loads", now.loads], ["failed loads", now.load_errors],
      ["local entries", now.health.local_entries], ["flights", now.health.flights],
      ["invalidations", now.invalidations],
    ];
    if (remote) rows.push(
      ["leases held", remote.leases], ["from other processes", now.received],
      ["breaker", remote.breaker.replace("_", " "), remote.breaker !== "closed"],
      ["invalidations waiting", remote.queued, remote.queued > 0],
      ["backplane lag", micros(remote.backplane_lag_ms * 1000), remote.is_cut_off],
      ["remote faults", now.faults]);
    if (now.servers) rows.push(["remote memory", bytes(now.servers.used_memory)],
      ["evicted keys", now.servers.evicted_keys, now.servers.evicted_keys > 0]);
    $("tiles").replaceChildren(...rows.map(([name, value, bad]) => {
      const tile = make("div");
      tile.append(make("dt", name), make("dd", value, bad ? "bad" : ""));
      return tile;
    }));
  };
  const rows = new Map();
  const row = (t) => {
    const id = t.function + " " + t.template;
    if (!rows.has(id)) {
      const tr = make("tr"), cells = [];
      for (let i = 0; i < 11; i++) {
        const td = make(i ? "td" : "th");
        if (!i) td.scope = "row";
        cells.push(td);
      }
      cells[0].append(make("code", t.template));
      cells[0].title = t.function;
      for (const [i, name] of [[3, "hit rate"], [10, "duration of loads"]]) {
        const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
        svg.setAttribute("class", "spark");
        svg.setAttribute("viewBox", "0 0 90 22");
        svg.setAttribute("role", "img");
        svg.setAttribute("aria-label", name + " of " + t.template + " over time");
        cells[i].append(svg);
      }
      tr.append(...cells);
      $("templates").tBodies[0].append(tr);
      rows.set(id, cells);
    }
    const cells = rows.get(id), text = (i, value) => { cells[i].textContent = value; };
    text(1, t.reads); text(2, percent(t.reads ? t.hits / t.reads : null));
    text(4, t.loads); text(5, t.errors);
    text(6, micros(t.local.p99_us)); text(7, micros(t.remote.p99_us));
    text(8, micros(t.load.p50_us)); text(9, micros(t.load.p99_us));
    const rate = t.new_reads ? t.new_hits / t.new_reads : null;
    draw(cells[3].firstElementChild, push("rate " + id, rate), 1, 90, 22);
    draw(cells[10].firstElementChild, push("load " + id, t.load.p99_us), 0, 90, 22);
  };
  const event = (e) => {
    const at = new Date(e.at_ms).toLocaleTimeString();
    const words = [at, e.kind.replace(/_/g, " "), e.template, e.key || "",
      e.took_us === null ? "" : micros(e.took_us), e.detail];
    $("events").prepend(make("li", words.filter(Boolean).join(" · "),
      e.kind === "remote_fault" || e.kind === "load_failed" ? "bad" : ""));
    while ($("events").children.length > EVENTS) $("events").lastElementChild.remove();
  };
  const show = (now) => {
    tiles(now);
    let reads = 0, hits = 0, slowest = null;
    for (const t of now.templates) {
      reads += t.new_reads; hits += t.new_hits;
      if (t.load.p99_us !== null) slowest = Math.max(slowest || 0, t.load.p99_us);
      row(t);
    }
    const rate = reads ? hits / reads : null;
    draw($("rate"), push("rate", rate), 1, 300, 80);
    draw($("load"), push("load", slowest), 0, 300, 80);
    $("rate-now").textContent = percent(rate);
    $("load-now").textContent = micros(slowest);
    now.events.forEach(event);
    $("hot").replaceChildren(...now.hottest.map((k) => {
      const li = make("li");
      li.append(make("code", k.key), " " + k.reads + " reads");
      return li;
    }));
  };
  const source = new EventSource(base + "events");
  let last = "";
  const state = (text, cls) => { if (text !== last) { last = text; $("state").textContent = text; $("state").className = cls; } };
  // A connection is told all that is remembered, so that none is there twice.
  source.onopen = () => $("events").replaceChildren();
  source.onmessage = (message) => { state("live", "good"); show(JSON.parse(message.data)); };
  source.onerror = () => state("not connected; trying again", "bad");
  const form = $("invalidate");
  if (form) form.addEventListener("submit", async (submitted) => {
    submitted.preventDefault();
    const wanted = Object.fromEntries(new FormData(form));
    const token = document.querySelector("meta[name=cached-token]").content;
    const headers = { "content-type": "application/json", "x-cached-token": token };
    try {
      const answer = await fetch(base + "invalidate", { method: "POST", headers, body: JSON.stringify(wanted) });
      $("answer").textContent = await answer.text();
    } catch { $("answer").textContent = "the server does not answer"; }
  });
})();
