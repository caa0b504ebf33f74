// Moving through a table by keys: j and k, Enter. The cursor is a class and aria-current.
FG.rows = (function () {
  "use strict";
  const rows = () => FG.all("table.kb tbody tr");
  const current = () => FG.one("table.kb tbody tr.cur");

  function move(step) {
    const listed = rows();
    if (!listed.length) return false;
    const now = current();
    const index = now ? Math.max(0, Math.min(listed.length - 1, listed.indexOf(now) + step)) : 0;
    if (now) {
      now.classList.remove("cur");
      now.removeAttribute("aria-current");
    }
    listed[index].classList.add("cur");
    listed[index].setAttribute("aria-current", "true");
    listed[index].scrollIntoView({ block: "nearest" });
  }

  function open(event) {
    const row = current();
    if (!row || !row.dataset.href || event.target.closest("a, button, summary")) return false;
    location.href = row.dataset.href;
  }

  FG.keys.j = () => move(1);
  FG.keys.k = () => move(-1);
  FG.keys.Enter = open;
  return { rows, current };
})();
