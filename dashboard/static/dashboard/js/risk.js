// Highest score of each day of one customer.
(function () {
  "use strict";
  const { axis, bare, data, make, paint, token, threshold } = FG.charts;
  const given = data("d-risk");
  const colour = (score) => token(score >= 85 ? "crit" : score >= 60 ? "high" : score >= 30 ? "med" : "chart-2");
  paint(() => {
    make("c-risk", {
      type: "bar",
      data: { labels: given.days, datasets: [{ data: given.scores, backgroundColor: given.scores.map(colour), barPercentage: 1, categoryPercentage: 0.7, minBarLength: 2, skipNull: true }] },
      options: {
        layout: { padding: { right: 64 } },
        scales: {
          y: axis({ min: 0, max: 100, afterBuildTicks: (scale) => (scale.ticks = [0, 30, 60, 85, 100].map((value) => ({ value }))), ticks: { padding: 6 } }),
          x: bare({ ticks: { maxTicksLimit: 8, maxRotation: 0 } }),
        },
      },
      plugins: [threshold(60, "review"), threshold(85, "decline")],
    });
  });
})();
