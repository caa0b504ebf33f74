// The two charts of the overview; the second grows while decisions arrive.
(function () {
  "use strict";
  const { axis, bare, data, make, paint, token, diamond } = FG.charts;
  const STEP = 20;
  const given = data("d-overview");
  const rate = given.rate;
  let chart = null;

  const short = (n) => (n >= 1e9 ? n / 1e9 + "bn" : n >= 1e6 ? n / 1e6 + "m" : n >= 1000 ? n / 1000 + "k" : String(n));
  const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

  function days() {
    const bars = (index, colour) => ({ data: given.days.map((row) => row[index]), backgroundColor: token(colour), stack: "a", categoryPercentage: 0.82, barPercentage: 1 });
    make("c-days", {
      type: "bar",
      data: { labels: given.days.map((row) => row[0]), datasets: [{ ...bars(1, "chart-1"), label: "stopped" }, { ...bars(2, "crit"), label: "missed" }] },
      options: {
        scales: {
          y: axis({ stacked: true, beginAtZero: true, ticks: { padding: 6, maxTicksLimit: 5, callback: short } }),
          x: bare({ stacked: true, ticks: { maxTicksLimit: 11, maxRotation: 0 } }),
        },
      },
    });
  }

  const marks = {
    afterDatasetsDraw(drawn) {
      const context = drawn.ctx, y = drawn.chartArea.bottom;
      context.save();
      rate.starts.forEach((_, i) => {
        const x = drawn.scales.x.getPixelForValue(i);
        if (rate.decline[i]) diamond(context, x, y + 9, 4.5, token("crit"));
        else if (rate.review[i]) {
          context.fillStyle = token("high");
          context.fillRect(x - 1.25, y + 5, 2.5, 8);
        }
      });
      context.restore();
    },
  };

  const perSecond = () => rate.events.map((n) => n / STEP);

  function rateNow() {
    // The step that is not over yet is divided by the seconds that it has had.
    const last = rate.events.length - 1;
    const seconds = Math.max(Date.now() / 1000 - rate.starts[last], 1);
    const events = rate.events[last] + (seconds < STEP ? rate.events[last - 1] : 0);
    FG.one("#rate-now").textContent = (events / (seconds < STEP ? STEP + seconds : STEP)).toFixed(1);
  }

  function rates() {
    const last = rate.starts.length - 1;
    const named = { 3: true, [Math.floor(last / 2)]: true };
    chart = make("c-rate", {
      type: "bar",
      data: { labels: rate.starts.map(clock), datasets: [{ data: perSecond(), backgroundColor: token("chart-2"), barPercentage: 1, categoryPercentage: 0.86 }] },
      options: {
        scales: {
          y: axis({ beginAtZero: true, suggestedMax: 1, ticks: { padding: 6, maxTicksLimit: 5 } }),
          x: bare({ ticks: { autoSkip: false, padding: 18, maxRotation: 0, callback: (_, i) => (i === last - 1 ? "now" : named[i] ? clock(rate.starts[i]) : "") } }),
        },
      },
      plugins: [marks],
    });
    rateNow();
  }

  function advance() {
    const now = Math.floor(Date.now() / 1000 / STEP) * STEP;
    while (rate.starts[rate.starts.length - 1] < now) {
      rate.starts.push(rate.starts[rate.starts.length - 1] + STEP);
      ["events", "review", "decline"].forEach((name) => rate[name].push(0));
      ["starts", "events", "review", "decline"].forEach((name) => rate[name].shift());
    }
  }

  function refresh() {
    advance();
    chart.data.labels = rate.starts.map(clock);
    chart.data.datasets[0].data = perSecond();
    chart.update("none");
    rateNow();
  }

  document.addEventListener("fg:decisions", (event) => {
    advance();
    const last = rate.starts.length - 1;
    rate.events[last] += event.detail.decided;
    event.detail.decisions.forEach((each) => {
      if (each.decision !== "approve") rate[each.decision][last] += 1;
    });
    refresh();
  });
  paint(() => {
    days();
    rates();
  });
  setInterval(refresh, 5000);
})();
