// What all charts share: colours from the tokens, axes, redrawing when the theme changes.
FG.charts = (function () {
  "use strict";
  const drawn = [];
  const painters = [];
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue("--fg-" + name).trim();

  function defaults() {
    const d = Chart.defaults;
    d.font.family = "Inter, system-ui, sans-serif";
    d.font.size = 11;
    d.color = token("text-2");
    d.animation = false;
    d.maintainAspectRatio = false;
    d.plugins.legend.display = false;
    d.plugins.tooltip.backgroundColor = token("text");
    d.plugins.tooltip.titleColor = token("surface");
    d.plugins.tooltip.bodyColor = token("surface");
    d.plugins.tooltip.displayColors = false;
  }

  const axis = (options) =>
    Object.assign({ grid: { color: token("grid"), drawTicks: false }, border: { display: false }, ticks: { padding: 6, maxRotation: 0 } }, options);
  const bare = (options) => axis(Object.assign({ grid: { display: false } }, options));

  function data(id) {
    const element = document.getElementById(id);
    return element ? JSON.parse(element.textContent) : null;
  }

  function make(id, configuration) {
    const canvas = document.getElementById(id);
    if (!canvas) return null;
    const chart = new Chart(canvas, configuration);
    drawn.push(chart);
    return chart;
  }

  function draw() {
    drawn.splice(0).forEach((chart) => chart.destroy());
    defaults();
    painters.forEach((paint) => paint());
  }

  function paint(painter) {
    painters.push(painter);
    draw();
  }

  function diamond(context, x, y, radius, fill) {
    context.beginPath();
    context.moveTo(x, y - radius);
    context.lineTo(x + radius, y);
    context.lineTo(x, y + radius);
    context.lineTo(x - radius, y);
    context.closePath();
    context.fillStyle = fill;
    context.fill();
  }

  // A dashed threshold across the chart, with a word at its right end.
  const threshold = (value, text) => ({
    afterDatasetsDraw(chart) {
      if (value === null) return;
      const y = chart.scales.y.getPixelForValue(value);
      const area = chart.chartArea;
      const context = chart.ctx;
      context.save();
      context.strokeStyle = context.fillStyle = token("text-2");
      context.setLineDash([5, 4]);
      context.beginPath();
      context.moveTo(area.left, y);
      context.lineTo(area.right, y);
      context.stroke();
      if (text) {
        context.font = "11px Inter";
        context.fillText(text, area.right + 6, y + 4);
      }
      context.restore();
    },
  });

  document.addEventListener("fg:theme", draw);
  if (document.fonts) document.fonts.ready.then(draw);
  return { axis, bare, data, make, paint, token, diamond, threshold };
})();
