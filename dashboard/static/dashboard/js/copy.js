// Buttons with data-copy="id" put the text of that element on the clipboard and say so.
(function () {
  "use strict";
  function select(element) {
    const range = document.createRange();
    range.selectNodeContents(element);
    const chosen = getSelection();
    chosen.removeAllRanges();
    chosen.addRange(range);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    select(source);
    if (!navigator.clipboard) {  // only there over https and on this machine: the text is marked at least
      FG.say("Marked: copy it with Ctrl or Cmd and C.");
      return;
    }
    navigator.clipboard.writeText(source.textContent.trim()).then(
      () => FG.say("Copied."),
      () => FG.say("Marked: copy it with Ctrl or Cmd and C."),
    );
  });
})();
