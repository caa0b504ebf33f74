// The customer's payments of 90 days, and the last day enlarged; events of the alert are diamonds.
(function () {
  "use strict";
  const { axis, bare, data, make, paint, token, threshold } = FG.charts;
  const given = data("d-alert");
  const DAY = 86400000;
  const number = (n) => n.toLocaleString("en-GB");
  // Times arrive in UTC; the offset of the page's zone makes UTC getters read its wall clock.
  const local = (ms) => new Date(ms + given.offset);
  const day = (ms) => local(ms).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
  const hour = (ms) => local(ms).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
  const shown = given.ordinary.concat(given.triggering).map((p) => Math.max(p.y, 0.01));
  const low = Math.pow(10, Math.floor(Math.log10(Math.min(...shown))));
  const high = Math.pow(10, Math.ceil(Math.log10(Math.max(...shown) * 1.05)));

  function amounts() {
    const ticks = [];
    for (let at = low; at <= high * 1.001; at *= 10) ticks.push({ value: at });
    const step = Math.ceil(ticks.length / 5);
    return axis({ type: "logarithmic", min: low, max: high, afterBuildTicks: (scale) => (scale.ticks = ticks.filter((_, i) => i % step === 0)), ticks: { padding: 6, callback: number } });
  }

  function panel(id, from, name, count) {
    const inside = (points) => points.filter((p) => p.x >= from);
    make(id, {
      type: "scatter",
      data: {
        datasets: [
          { data: inside(given.ordinary), pointRadius: 3, backgroundColor: token("chart-2"), borderWidth: 0 },
          { data: inside(given.triggering), pointRadius: 6, pointStyle: "rectRot", backgroundColor: token("crit"), borderColor: token("surface"), borderWidth: 1 },
        ],
      },
      options: {
        clip: false,
        plugins: { tooltip: { callbacks: { label: (item) => day(item.parsed.x) + " " + hour(item.parsed.x) + ": " + number(item.parsed.y) } } },
        scales: {
          y: amounts(),
          x: bare({ type: "linear", min: from, max: given.until + (given.until - from) * 0.03, afterBuildTicks: (scale) => (scale.ticks = steps(from, count)), ticks: { padding: 6, maxRotation: 0, autoSkip: false, callback: name } }),
        },
      },
      plugins: [threshold(given.p95, "")],
    });
  }

  function steps(from, count) {
    return Array.from({ length: count + 1 }, (_, i) => ({ value: from + ((given.until - from) * i) / count }));
  }

  // The enlarged part begins a little before the first event of the alert, within the last day.
  function start() {
    const first = Math.min(...given.triggering.map((p) => p.x), given.until);
    const lead = Math.max((given.until - first) * 0.5, 3600000);
    return Math.max(first - lead, given.until - DAY);
  }

  paint(() => {
    panel("c-90", given.until - 90 * DAY, day, 5);
    const from = start();
    FG.one("#zoom-caption").textContent = day(from) + " " + hour(from) + " to " + day(given.until) + " " + hour(given.until);
    panel("c-day", from, hour, 3);
  });
})();
