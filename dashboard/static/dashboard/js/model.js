// The charts of a model's report; each is drawn where the page has a canvas for it.
(function () {
  "use strict";
  const { axis, bare, data, make, paint, token } = FG.charts;
  const given = data("d-model");
  const points = (pairs) => pairs.map(([x, y]) => ({ x, y }));
  const share = (value) => (value * 100).toFixed(value < 0.1 && value > 0 ? 1 : 0) + "%";
  const short = (value) => Number(value.toPrecision(3)).toLocaleString("en-GB");

  const line = (pairs, colour, more) =>
    Object.assign({ data: points(pairs), borderColor: token(colour), borderWidth: 2, pointRadius: 0, pointHitRadius: 6, fill: false }, more);
  const dashed = (pairs) => line(pairs, "chart-2", { borderDash: [5, 4], borderWidth: 1.5, pointHitRadius: 0 });
  const linear = (options) => axis(Object.assign({ type: "linear" }, options));

  function curve(id, datasets, x, y, tooltip) {
    make(id, {
      type: "line",
      data: { datasets },
      options: { parsing: false, scales: { x, y }, plugins: { tooltip: { callbacks: { title: () => "", label: tooltip } } } },
    });
  }

  const unit = (name) =>
    linear({ min: 0, max: 1, title: { display: true, text: name }, ticks: { padding: 6, maxTicksLimit: 6, callback: share } });
  const both = (x, y) => (item) => `${y} ${share(item.parsed.y)} at ${x} ${share(item.parsed.x)}`;

  function rates() {
    if (given.roc) curve("c-roc", [line(given.roc, "chart-1"), dashed([[0, 0], [1, 1]])], unit("others alarmed"), unit("frauds found"), both("false alarms of", "found"));
    if (given.precision_recall) curve("c-pr", [line(given.precision_recall, "chart-1")], unit("recall"), unit("precision"), both("recall", "precision"));
  }

  function calibration() {
    const pairs = given.calibration;
    if (!pairs) return;
    const end = Math.min(1, Math.max(...pairs.flat()) * 1.05) || 1;
    const scale = (name) => linear({ min: 0, max: end, title: { display: true, text: name }, ticks: { padding: 6, maxTicksLimit: 6, callback: share } });
    const marked = line(pairs, "chart-1", { pointRadius: 3, pointBackgroundColor: token("chart-1") });
    curve("c-cal", [marked, dashed([[0, 0], [end, end]])], scale("predicted"), scale("observed"), both("predicted", "observed"));
  }

  const vertical = (value) => ({
    afterDatasetsDraw(chart) {
      if (typeof value !== "number") return;
      const x = chart.scales.x.getPixelForValue(value);
      const { top, bottom } = chart.chartArea;
      const context = chart.ctx;
      context.save();
      context.strokeStyle = token("text-2");
      context.setLineDash([5, 4]);
      context.beginPath();
      context.moveTo(x, top);
      context.lineTo(x, bottom);
      context.stroke();
      context.restore();
    },
  });

  function cost() {
    if (!given.cost) return;
    make("c-cost", {
      type: "line",
      data: { datasets: [line(given.cost.curve, "chart-1")] },
      options: {
        parsing: false,
        scales: {
          x: linear({ min: 0, max: 1, title: { display: true, text: "threshold" }, ticks: { padding: 6, maxTicksLimit: 6 } }),
          y: linear({ beginAtZero: true, title: { display: true, text: "cost" }, ticks: { padding: 6, maxTicksLimit: 5, callback: short } }),
        },
        plugins: { tooltip: { callbacks: { title: () => "", label: (item) => `${short(item.parsed.y)} at ${short(item.parsed.x)}` } } },
      },
      plugins: [vertical(given.cost.threshold)],
    });
  }

  function importance() {
    if (!given.importance) return;
    make("c-imp", {
      type: "bar",
      data: {
        labels: given.importance.map((row) => row[0]),
        datasets: [{ data: given.importance.map((row) => row[1]), backgroundColor: token("chart-1"), barPercentage: 0.8, categoryPercentage: 0.9 }],
      },
      options: {
        indexAxis: "y",
        scales: { x: axis({ beginAtZero: true, ticks: { padding: 6, maxTicksLimit: 6, callback: share } }), y: bare({ ticks: { autoSkip: false } }) },
        plugins: { tooltip: { callbacks: { label: (item) => share(item.parsed.x) } } },
      },
    });
  }

  function dependence() {
    (given.dependence || []).forEach((one, place) => {
      curve(
        `c-dep-${place}`,
        [line(one.points, "chart-1")],
        linear({ ticks: { padding: 6, maxTicksLimit: 5, callback: short } }),
        linear({ title: { display: true, text: "log-odds" }, ticks: { padding: 6, maxTicksLimit: 5 } }),
        (item) => `${short(item.parsed.y)} at ${short(item.parsed.x)}`,
      );
    });
  }

  paint(() => [rates, calibration, cost, importance, dependence].forEach((draw) => draw()));
})();
