// Deciding an alert: a key opens the reasons, a digit closes the alert with that reason.
(function () {
  "use strict";
  const form = FG.one("#verdict");
  if (!form) return;
  let sent = false;
  const opened = () => FG.one(".reasons-pop:not([hidden])", form);

  function button(key) {
    return FG.one('.actbar [data-act="' + key + '"]');
  }

  function hide(back) {
    const pop = opened();
    if (!pop) return;
    pop.hidden = true;
    const opener = button(pop.id.replace("pop-", ""));
    opener.setAttribute("aria-expanded", "false");
    if (back) opener.focus();
  }

  function open(key) {
    hide(false);
    FG.one("#pop-" + key).hidden = false;
    button(key).setAttribute("aria-expanded", "true");
    FG.one("#note-" + key).focus();
  }

  form.addEventListener("submit", (event) => {
    const pop = opened();
    const note = pop ? FG.one("input.fld", pop) : null;
    const submitter = event.submitter && event.submitter.dataset.disposition ? event.submitter : pop && FG.one("[data-free]", pop);
    if (sent || !pop || !submitter || (submitter.hasAttribute("data-free") && !note.value.trim())) {
      event.preventDefault();
      if (note) note.focus();
      return;
    }
    sent = true; // a second key must not meet the alert that the first one closed
    form.elements.disposition.value = submitter.dataset.disposition;
    form.elements.note.value = note.value.trim();
  });

  form.addEventListener("keydown", (event) => {
    const pop = opened();
    if (!pop) return;
    const note = FG.one("input.fld", pop);
    if (event.key === "Enter" && event.target.matches("input")) {
      event.preventDefault();
      FG.one("[data-free]", pop).click();
    }
    if (/^[1-9]$/.test(event.key) && !(event.target.matches("input") && (event.target !== note || note.value))) {
      event.preventDefault();
      const chosen = FG.all("[name=reason_code]", pop)[Number(event.key) - 1];
      if (chosen) chosen.click();
    }
  });
  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-cancel]")) hide(true);
  });

  FG.all(".actbar [data-act]").forEach((each) => {
    const key = each.dataset.act;
    each.addEventListener("click", () => (each.getAttribute("aria-expanded") === "true" ? hide(true) : open(key)));
    FG.keys[key] = () => open(key);
  });
  FG.keys.Escape = () => hide(true);
  addEventListener("pageshow", () => (sent = false)); // a browser that goes back keeps the page's variables
})();
