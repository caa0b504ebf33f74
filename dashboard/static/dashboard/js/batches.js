// Progress of batch jobs: pushed by the live connection, asked for when nothing was heard for a while.
(function () {
  "use strict";
  const MEBIBYTE = 1048576, EVERY = 3000;
  const ended = ["done", "failed", "cancelled", "paused"];
  const number = (value) => Number(value).toLocaleString("en-GB");
  const form = FG.one("#batch-upload"), state = FG.one("#batches");
  let heard = 0;

  function span(seconds) {
    if (seconds === null || seconds === undefined) return "";
    if (seconds < 90) return Math.round(seconds) + " s";
    if (seconds < 5400) return Math.round(seconds / 60) + " min";
    return (seconds / 3600).toFixed(1) + " h";
  }

  function write(row, name, text) {
    FG.all("[data-f=" + name + "]", row).forEach((element) => (element.textContent = text));
  }

  function show(job) {
    FG.all('[data-job="' + job.id + '"]').forEach((row) => {
      if (row.dataset.state !== job.state && (ended.includes(job.state) || "page" in row.dataset)) return location.reload();
      const asked = { cancel: "Stops after this chunk", pause: "Pauses after this chunk" }[job.asked];
      const reading = job.rows_total === null;
      row.dataset.state = job.state;
      write(row, "state", asked || job.state_words);
      write(row, "done", number(job.rows_done));
      write(row, "total", reading ? "unknown" : number(job.rows_total));
      write(row, "stored", number(job.rows_stored));
      write(row, "repeated", number(job.rows_repeated));
      write(row, "failed", number(job.rows_failed));
      write(row, "rate", job.rows_per_second === null ? "–" : number(Math.round(job.rows_per_second)));
      write(row, "left", job.seconds_left === null ? "–" : span(job.seconds_left));
      const bar = FG.one("progress", row);
      if (bar) bar.value = reading ? 0 : job.rows_done / Math.max(job.rows_total, 1);
    });
  }

  async function ask() {
    const ids = [...new Set(FG.all("[data-job]").filter((row) => !ended.includes(row.dataset.state)).map((row) => row.dataset.job))];
    if (ids.length && Date.now() - heard >= EVERY) {
      try {
        const answer = await fetch(state.dataset.state + "?ids=" + ids.join(","), { headers: { Accept: "application/json" } });
        if (answer.ok && !answer.redirected) Object.values((await answer.json()).jobs).forEach(show);
      } catch (error) {
        // the server is away for a moment: ask again
      }
    }
    setTimeout(ask, EVERY);
  }

  function tooLarge() {
    const file = FG.one("#file").files[0];
    const over = !!file && file.size > Number(form.dataset.limit) * MEBIBYTE;
    FG.one("#too-large").hidden = !over;
    return over;
  }

  if (form) {
    FG.one("#file").addEventListener("change", tooLarge);
    form.addEventListener("submit", (event) => tooLarge() && event.preventDefault());
  }
  if (state) {
    document.addEventListener("fg:jobs", (event) => {
      heard = Date.now();
      Object.values(event.detail).forEach(show);
    });
    setTimeout(ask, EVERY);
  }
})();
