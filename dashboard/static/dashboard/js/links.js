// The graph of linked entities: whom the page is about in the middle, things around them, others outside.
(function () {
  "use strict";
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue("--fg-" + name).trim();
  const SHAPES = { customer: "ellipse", device: "round-rectangle", ip: "diamond", card: "rectangle", account: "hexagon", "bank account": "hexagon", phone: "pentagon", address: "triangle" };
  const CROWD = 14; // edges, or nodes, from which the drawing is a crowd
  const BRIEF = { fraud: "confirmed", alert: "open" };
  let graph = null;

  function place(nodes, edges, width, height) {
    const of = {};
    edges.forEach(([customer, entity]) => (of[customer] = of[customer] || []).push(entity));
    const middle = nodes.filter((n) => n.state === "me");
    const things = nodes.filter((n) => n.kind !== "customer");
    const others = nodes.filter((n) => n.kind === "customer" && n.state !== "me");
    const angle = {};
    const at = {};
    const put = (node, radius, turn) => (at[node.id] = { x: width / 2 + radius * (width / 2 - 44) * Math.cos(turn), y: height / 2 - 8 + radius * (height / 2 - 26) * Math.sin(turn) });
    middle.forEach((n, i) => put(n, middle.length > 1 ? 0.22 : 0, (2 * Math.PI * i) / middle.length));
    // Things that others use too stand apart, so that each has room on its outer side.
    const linked = new Set(others.flatMap((n) => of[n.id] || []));
    const shared = things.filter((n) => linked.has(n.id));
    const alone = things.filter((n) => !linked.has(n.id));
    const mixed = [];
    shared.forEach((n, i) => mixed.push(n, ...alone.slice(Math.round((i * alone.length) / shared.length), Math.round(((i + 1) * alone.length) / shared.length))));
    (shared.length ? mixed : alone).forEach((n, i) => put(n, others.length ? 0.55 : 0.75, (angle[n.id] = -Math.PI / 2 + (2 * Math.PI * i) / things.length)));
    const turns = others.map((n) => {
      const seen = (of[n.id] || []).map((id) => angle[id]);
      return { n, turn: Math.atan2(seen.reduce((s, a) => s + Math.sin(a), 0), seen.reduce((s, a) => s + Math.cos(a), 0)) };
    });
    turns.sort((a, b) => a.turn - b.turn);
    const apart = Math.min((2 * Math.PI) / Math.max(turns.length, 1), 0.8);
    turns.forEach((t, i) => i && (t.turn = Math.max(t.turn, turns[i - 1].turn + apart)));
    turns.forEach((t) => put(t.n, 1, t.turn));
    return at;
  }

  function styles() {
    const text = { "font-family": "Inter, system-ui, sans-serif", "font-size": 10, color: token("text") };
    const round = (colour, fill) => ({ "border-color": token(colour), "background-color": token(fill) });
    return [
      { selector: "node", style: Object.assign({ label: "data(text)", "text-wrap": "wrap", "text-valign": "bottom", "text-margin-y": 3, "text-max-width": 110, width: 16, height: 16, shape: "data(shape)", "border-width": 1.5 }, text, round("chart-2", "surface")) },
      { selector: ".me", style: Object.assign({ width: 20, height: 20, "font-weight": 600 }, round("accent", "accent")) },
      { selector: ".fraud", style: Object.assign({ color: token("crit"), "font-weight": 600 }, round("crit", "crit")) },
      { selector: ".alert", style: Object.assign({ "border-width": 2.5 }, round("crit", "surface")) },
      { selector: ".hub", style: { color: token("text-2"), "border-style": "dashed" } },
      { selector: "edge", style: Object.assign({}, text, { width: 1, "line-color": token("line-2"), "curve-style": "straight", label: "data(text)", "font-size": 9, color: token("text-2"), "text-background-color": token("surface"), "text-background-opacity": 1, "text-background-padding": 1 }) },
    ];
  }

  function draw() {
    const box = document.querySelector("[data-links-graph]");
    const given = document.getElementById("d-links");
    if (!box || !given || !window.cytoscape) return;
    if (graph) graph.destroy();
    const { nodes, edges } = JSON.parse(given.textContent);
    // So many that texts would cover one another: names and what is known stay, how often stands in the list.
    const crowded = edges.length > CROWD;
    box.classList.toggle("tall", nodes.length > CROWD);
    const short = (text) => (crowded && text.length > 14 ? text.slice(0, 13) + "…" : text);
    const told = (n) => [short(n.label), crowded ? BRIEF[n.state] : n.note].filter(Boolean).join("\n");
    const at = place(nodes, edges, Math.max(box.clientWidth, 320), box.clientHeight);
    graph = cytoscape({
      container: box,
      layout: { name: "preset", fit: false },
      userZoomingEnabled: false,
      userPanningEnabled: false,
      autoungrabify: true,
      boxSelectionEnabled: false,
      style: styles(),
      elements: nodes
        .map((n) => ({ data: { id: n.id, text: told(n), shape: SHAPES[n.kind] || "ellipse" }, classes: n.state, position: at[n.id] }))
        .concat(edges.map(([source, target, text]) => ({ data: { source, target, text: crowded ? "" : text } }))),
    });
  }

  function load() {
    const box = document.querySelector("[data-links-graph]");
    if (!box) return;
    if (window.cytoscape) return draw();
    const script = document.createElement("script");
    script.src = box.dataset.cytoscape;
    script.onload = draw;
    document.head.append(script);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-links-list]");
    if (!button) return;
    const list = document.getElementById("links-list");
    list.hidden = !list.hidden;
    button.setAttribute("aria-expanded", String(!list.hidden));
  });
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
  load();
})();
