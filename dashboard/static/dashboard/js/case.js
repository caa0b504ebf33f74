// One case: completion of mentions, corrections, and one open form at a time.
(function () {
  "use strict";
  const acts = FG.all(".caseacts details");
  acts.forEach((each) => each.addEventListener("toggle", () => {
    if (!each.open) return;
    acts.forEach((other) => { if (other !== each) other.open = false; });
    const field = FG.one("select, textarea, input:not([type=hidden])", each);
    if (field) field.focus();
  }));
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".caseacts")) acts.forEach((each) => (each.open = false));
  });
  FG.keys.Escape = () => acts.forEach((each) => (each.open = false));

  const box = FG.one("#comment"), list = FG.one("#mention");
  if (!box) return;
  const people = JSON.parse(FG.one("#d-people").textContent);
  let at = 0;

  function begun() {
    const found = /(^|\s)@([\w.+@-]*)$/.exec(box.value.slice(0, box.selectionStart));
    return found && found[2].toLowerCase();
  }

  function matching(text) {
    return people.filter((one) => one.email.toLowerCase().includes(text) || one.name.toLowerCase().includes(text)).slice(0, 8);
  }

  function hide() {
    list.hidden = true;
    list.replaceChildren();
  }

  function draw() {
    const text = begun();
    const found = text === null ? [] : matching(text);
    if (!found.length || (found.length === 1 && found[0].email === text)) return hide();
    at = Math.min(at, found.length - 1);
    list.replaceChildren(...found.map((one, index) => {
      const item = document.createElement("li");
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(index === at));
      item.dataset.email = one.email;
      item.textContent = one.name ? one.name + " · " + one.email : one.email;
      return item;
    }));
    list.hidden = false;
  }

  function take(email) {
    const place = box.selectionStart;
    const before = box.value.slice(0, place).replace(/@[\w.+@-]*$/, "@" + email + " ");
    box.value = before + box.value.slice(place);
    box.setSelectionRange(before.length, before.length);
    hide();
    box.focus();
  }

  box.addEventListener("input", () => { at = 0; draw(); });
  box.addEventListener("blur", () => setTimeout(hide, 150));
  box.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      at = (at + (event.key === "ArrowDown" ? 1 : list.children.length - 1)) % list.children.length;
      draw();
    } else if (event.key === "Enter" || event.key === "Tab") take(list.children[at].dataset.email);
    else if (event.key === "Escape") hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  list.addEventListener("mousedown", (event) => {
    const item = event.target.closest("li");
    if (item) { event.preventDefault(); take(item.dataset.email); }
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-correct]");
    if (!button) return;
    box.form.elements.corrects.value = button.dataset.correct;
    FG.one("#correcting").hidden = !button.dataset.correct;
    box.focus();
  });
})();
