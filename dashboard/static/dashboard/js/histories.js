// Importing a history: a file above the limit is refused before it is sent; progress is asked for.
(function () {
  "use strict";
  const upload = FG.one("#upload"), importing = FG.one("#importing");
  const MEBIBYTE = 1048576, EVERY = 1000;

  function tooLarge() {
    const file = FG.one("#file").files[0];
    const over = !!file && file.size > Number(upload.dataset.limit) * MEBIBYTE;
    FG.one("#too-large").hidden = !over;
    return over;
  }

  async function look() {
    try {
      const answer = await fetch(importing.dataset.state, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return location.reload();
      const told = await answer.json();
      if (told.again) return location.reload();
      FG.one("#stage").textContent = told.stage;
      FG.one("#rows").textContent = told.rows ? told.rows.toLocaleString("en-GB") + " rows read" : "";
      FG.one("progress").value = told.share;
    } catch (error) {
      // the server is away for a moment: ask again
    }
    setTimeout(look, EVERY);
  }

  if (upload) {
    FG.one("#file").addEventListener("change", tooLarge);
    upload.addEventListener("submit", (event) => tooLarge() && event.preventDefault());
  }
  if (importing) setTimeout(look, EVERY);
})();
