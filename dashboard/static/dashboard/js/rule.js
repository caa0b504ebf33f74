// The workbench page: checks after every pause in typing, completion, saving.
(function () {
  "use strict";
  const form = FG.one("#rule-form");
  if (!form) return;
  const PAUSE = 300;
  const editors = FG.all("[data-editor]", form).map((root) => FG.editor(root));
  const completions = editors.map((editor) => FG.completion(editor));
  const kept = "fg-rule-" + location.pathname;
  let waiting = 0, asked = 0, asking = null, dirty = false, words = null;

  function parameters() {
    return FG.all('[name="param_name"]', form).map((input) => input.value.trim()).filter(Boolean);
  }

  function offer() {
    if (!words) return;
    const own = parameters().map((name) => ({
      name: "p." + name, insert: "p." + name, what: "parameter", meaning: "", typical: valueOf(name),
    }));
    const kinds = new Map(words.features.map((each) => [each.name, "ft"]));
    words.lists.forEach((each) => kinds.set(each.name, "li"));
    editors.forEach((editor) => editor.names(kinds));
    completions.forEach((completion) => completion.offer([...own, ...words.items]));
  }

  function valueOf(name) {
    const input = FG.all('[name="param_name"]', form).find((each) => each.value.trim() === name);
    const value = input && FG.one('[name="param_value"]', input.closest(".param") || input.closest(".pgrid"));
    return value ? value.value : "";
  }

  function measure(each) {
    if (each.unit === "money") return form.dataset.currency;
    return each.unit && each.unit !== "text" && each.unit !== "flag" ? each.unit : each.kind;
  }

  async function learn() {
    const answer = await fetch(form.dataset.names, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    words = await answer.json();
    words.items = [
      ...words.features.map((each) => ({
        name: each.name, insert: each.name, what: measure(each), meaning: each.meaning,
        typical: each.missing !== null && each.missing >= 0.5 ? "missing " + Math.round(each.missing * 100) + "%" : each.typical,
      })),
      ...words.lists.map((each) => ({ name: each.name, insert: each.name, what: "list", meaning: "People's own list", typical: each.entries + " entries" })),
      ...words.functions.map((each) => ({
        name: each.name, insert: each.name + "()", what: each.kind, meaning: each.meaning, typical: each.signature,
      })),
    ];
    offer();
  }

  function tell(errors) {
    editors.forEach((editor) => {
      const own = errors.filter((error) => error.field === editor.area.name);
      editor.errors(own);
      editor.area.setAttribute("aria-invalid", String(own.length > 0));
      say(FG.one(".edmsgs", editor.root), own, true);
    });
    const rest = new Map();
    errors.forEach((error) => rest.set(error.field, [...(rest.get(error.field) || []), error]));
    FG.all("[data-errors]", form).forEach((holder) => {
      const field = holder.dataset.errors;
      say(holder, field === "*" ? [] : rest.get(field) || [], field === "reason");
      rest.delete(field);
    });
    editors.forEach((editor) => rest.delete(editor.area.name));
    say(FG.one('[data-errors="*"]', form), [...rest.values()].flat(), false);
  }

  function say(holder, errors, placed) {
    holder.replaceChildren(...errors.map((error) => {
      const line = document.createElement("p");
      line.className = "t-crit xs";
      line.textContent = (placed ? error.line + ":" + error.column + " " : "") + error.message.charAt(0).toUpperCase() + error.message.slice(1)
        + (error.suggestion ? ". Did you mean " + error.suggestion + "?" : "");
      return line;
    }));
  }

  async function check() {
    const mine = ++asked;
    if (asking) asking.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(form.dataset.check, {
        method: "POST", body: new URLSearchParams(new FormData(form)), signal: asking.signal, headers: { Accept: "application/json" },
      });
      if (mine !== asked) return; // an older text's answer
      if (!answer.ok) throw new Error(answer.status);
      const told = await answer.json();
      if (mine !== asked) return;
      tell(told.errors);
      FG.one("#english").innerHTML = told._english;
      FG.one("#warnings").innerHTML = told._warnings;
      FG.one("#changed").innerHTML = told._changed;
      FG.one("#count").innerHTML = told._count;
      document.dispatchEvent(new CustomEvent("fg:rule-checked", { detail: told }));
    } catch (error) {
      if (error.name !== "AbortError" && mine === asked) FG.one("#count").textContent = "not checked: no answer";
    }
  }

  function changed(event) {
    dirty = true;
    document.dispatchEvent(new CustomEvent("fg:rule-edited"));
    if (/^param_/.test(event.target.name)) offer();
    clearTimeout(waiting);
    waiting = setTimeout(check, PAUSE);
  }

  function remember() {
    const area = document.activeElement;
    try {
      sessionStorage.setItem(kept, JSON.stringify({
        name: area && area.form === form ? area.name : "", at: area && area.selectionStart, top: scrollY,
      }));
    } catch (error) {
      // a private window may forbid storage: the caret is lost, nothing else
    }
  }

  function recall() {
    let told = null;
    try {
      told = JSON.parse(sessionStorage.getItem(kept));
      sessionStorage.removeItem(kept);
    } catch (error) {
      return;
    }
    if (!told) return;
    scrollTo(0, told.top || 0);
    const editor = editors.find((each) => each.area.name === told.name);
    if (!editor) return;
    editor.area.focus({ preventScroll: true });
    editor.area.setSelectionRange(told.at, told.at);
    editor.draw();
  }

  const first = FG.all(".edmsgs", form).map((holder) => holder.dataset.found);
  editors.forEach((editor, index) => first[index] && editor.errors(JSON.parse(first[index])));
  learn();
  if (form.dataset.readonly !== undefined) return;
  FG.one("#all-names").hidden = false;
  FG.one("#all-names").addEventListener("click", () => {
    editors[0].area.focus();
    completions[0].look(true);
  });
  form.addEventListener("input", changed);
  form.addEventListener("submit", () => { dirty = false; remember(); });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
  recall();
  check();
})();
