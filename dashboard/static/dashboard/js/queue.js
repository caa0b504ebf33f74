// The alert queue: selection with its sum, and how many alerts have come since the page was drawn.
(function () {
  "use strict";
  const severities = ["critical", "high", "medium", "low"];
  const money = (minor) => (minor / 100).toLocaleString("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

  function summary(selected) {
    const sum = selected.reduce((total, row) => total + Number(row.dataset.amount), 0);
    const mix = severities
      .map((name) => [selected.filter((row) => row.dataset.severity === name).length, name])
      .filter(([n]) => n)
      .map(([n, name]) => n + " " + name)
      .join(", ");
    const currency = FG.one("table.q").dataset.currency;
    return money(sum) + " " + currency + ", " + mix;
  }

  function redraw() {
    const bulk = FG.one("#bulk");
    if (!bulk) return;
    const rows = FG.rows.rows();
    rows.forEach((row) => row.classList.toggle("sel", FG.one("input", row).checked));
    const selected = rows.filter((row) => row.classList.contains("sel"));
    bulk.hidden = !selected.length;
    FG.one("b", bulk).textContent = selected.length + " selected";
    FG.one("span", bulk).textContent = selected.length ? summary(selected) : "";
    FG.one("[data-all]").checked = selected.length === rows.length;
  }

  function tick(all) {
    FG.rows.rows().forEach((row) => (FG.one("input", row).checked = all));
    redraw();
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) tick(event.target.checked);
    else if (event.target.matches(".c-x input")) redraw();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-clear]")) tick(false);
  });
  document.addEventListener("keydown", (event) => {
    const pop = event.key === "Enter" && event.target.matches("#bulk .pop input") && event.target.closest(".pop");
    if (!pop) return;
    event.preventDefault(); // else the first button of the form would be pressed, which assigns
    FG.one("button[type=submit]", pop).click();
  });
  FG.keys.x = () => {
    const row = FG.rows.current();
    if (!row) return false;
    const box = FG.one("input", row);
    box.checked = !box.checked;
    redraw();
  };
  FG.keys.c = () => {
    const button = FG.one("#bulk:not([hidden]) button[type=submit]");
    if (!button) return false;
    button.click();
  };
  FG.keys.Escape = () => tick(false);

  let asked = false;
  async function count() {
    const pill = FG.one("#new-pill");
    if (!pill || asked) return;
    asked = true;
    try {
      const address = pill.dataset.arrived + "&since=" + pill.dataset.since;
      const response = await fetch(address, { headers: { Accept: "application/json" } });
      if (response.ok) show(pill, (await response.json()).new);
    } finally {
      asked = false;
    }
  }

  function show(pill, arrived) {
    pill.hidden = !arrived;
    pill.lastElementChild.textContent = arrived + " new";
    pill.setAttribute("aria-label", "Show " + arrived + " new alerts");
    const sum = FG.one("#arrived-sum");
    if (sum) sum.textContent = arrived ? " + " + arrived + " new = " + (Number(pill.dataset.listed) + arrived) : "";
  }

  document.body.addEventListener("fg:alerts", count);
  addEventListener("pageshow", redraw); // a browser that goes back keeps ticks
})();
