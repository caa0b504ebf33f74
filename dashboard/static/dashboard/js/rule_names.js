// Completion, docked below the code: arrows choose, Tab inserts, Esc closes.
window.FG.completion = function (editor) {
  "use strict";
  const MOST = 6;
  const area = editor.area;
  const dock = document.createElement("div"), list = document.createElement("ul"), help = document.createElement("p");
  const id = "comp-" + area.name;
  let names = [], shown = [], chosen = 0, open = false;
  dock.className = "comp";
  dock.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Completion");
  list.id = id;
  help.className = "xs mut";
  [["↑", " "], ["↓", " choose, "], ["Tab", " insert, "], ["Esc", " close"]].forEach(([key, then]) => {
    const kbd = document.createElement("kbd");
    kbd.textContent = key;
    help.append(kbd, then);
  });
  dock.append(list, help);
  editor.root.append(dock);
  area.setAttribute("aria-autocomplete", "list");
  area.setAttribute("aria-controls", id);

  function word() {
    // What stands before the caret: a name, or p. and the beginning of a parameter.
    return area.value.slice(0, area.selectionStart).match(/(?:\bp\.)?[A-Za-z_]\w*$|\bp\.$/);
  }

  function rank(name, typed) {
    const low = name.toLowerCase();
    if (low === typed) return -1;
    if (low.startsWith(typed)) return 0;
    if (low.includes("_" + typed)) return 1;
    return low.includes(typed) ? 2 : near(low, typed) ? 3 : 9;
  }

  function near(name, typed) {
    // All letters in their order: amtln finds amount_ln.
    let at = 0;
    for (const letter of name) if (letter === typed[at]) at += 1;
    return typed.length > 2 && at === typed.length;
  }

  function option(item, index) {
    const line = document.createElement("li");
    line.id = id + "-" + index;
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", String(index === chosen));
    [["mono", item.name], ["xs mut", item.what], ["xs mut d", item.meaning], ["num xs mut", item.typical]].forEach(([kind, text]) => {
      const cell = document.createElement("span");
      cell.className = kind;
      cell.textContent = text;
      line.append(cell);
    });
    line.addEventListener("mousedown", (event) => { event.preventDefault(); chosen = index; insert(); });
    return line;
  }

  function draw() {
    list.replaceChildren(...shown.map(option));
    dock.hidden = !open;
    editor.root.classList.toggle("docked", open);
    if (open) area.setAttribute("aria-activedescendant", id + "-" + chosen);
    else area.removeAttribute("aria-activedescendant");
  }

  function look(all) {
    const found = word(), typed = found ? found[0].toLowerCase() : "";
    const ranked = names.map((item) => [rank(item.name, typed), item]);
    shown = all === true && !typed ? names.slice(0, MOST)
      : ranked.filter(([place]) => place < 9).sort((a, b) => a[0] - b[0] || a[1].name.length - b[1].name.length).slice(0, MOST).map(([, item]) => item);
    const finished = shown.length && shown[0].name.toLowerCase() === typed;
    chosen = 0;
    open = !area.readOnly && shown.length > 0 && (all === true || (typed.length > 1 || typed === "p.") && !finished);
    draw();
  }

  function close() {
    open = false;
    draw();
  }

  function insert() {
    const found = word(), item = shown[chosen], end = area.selectionStart;
    const start = found ? end - found[0].length : end;
    const rest = found ? area.value.slice(end).match(/^\w*/)[0].length : 0;
    area.focus({ preventScroll: true });
    area.setSelectionRange(start, end + rest);
    // insertText keeps the browser's undo
    if (!document.execCommand("insertText", false, item.insert)) area.setRangeText(item.insert, start, end + rest, "end");
    if (item.insert.endsWith("()")) area.setSelectionRange(area.selectionStart - 1, area.selectionStart - 1);
    area.dispatchEvent(new Event("input", { bubbles: true }));
    close();
  }

  area.addEventListener("input", look);
  area.addEventListener("blur", close);
  area.addEventListener("keydown", (event) => {
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      look(true);
      return;
    }
    if (!open) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : shown.length - 1)) % shown.length;
      draw();
    } else if (event.key === "Tab") {
      event.preventDefault();
      insert();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (/^(Arrow|Home|End|Page)/.test(event.key)) close();
  });
  return { offer(items) { names = items; }, look };
};
