// A small code editor. The textarea keeps the text, the keys, undo and what screen readers say; the lines
// with their colours, the errors below them, caret and selection are drawn from it.
window.FG.editor = function (root) {
  "use strict";
  const area = FG.one("textarea", root);
  const lines = document.createElement("div");
  const caret = document.createElement("div");
  const TOKEN = /(\/\/[^\n]*)|("(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?)|(\bp\.[A-Za-z_]\w*)|([A-Za-z_]\w*)|(&&|\|\|)|([^])/g;
  const state = { names: new Map(), errors: [], dragging: false };
  lines.className = "ed";
  lines.setAttribute("aria-hidden", "true");
  caret.className = "caret";
  root.prepend(lines);
  root.classList.add("on");

  function kindOf(match) {
    if (match[1]) return "co";
    if (match[2]) return "tx";
    if (match[3]) return "pr";
    if (match[4]) return match[4] === "in" ? "kw" : state.names.get(match[4]) || "";
    return match[5] ? "kw" : "";
  }

  function coloured(text, wrong) {
    // One span a token; a part that is wrong is cut out of its token and marked.
    const made = document.createElement("span");
    const isWrong = (at) => wrong.some(([from, to]) => at >= from && at < to);
    const edges = new Set(wrong.flat());
    let at = 0;
    for (const match of text.matchAll(TOKEN)) {
      const kind = kindOf(match), end = at + match[0].length;
      const cuts = [at, ...[...edges].filter((edge) => edge > at && edge < end).sort((a, b) => a - b), end];
      for (let index = 0; index + 1 < cuts.length; index += 1) {
        const span = document.createElement("span");
        span.className = [kind, isWrong(cuts[index]) ? "sq" : ""].join(" ").trim();
        span.textContent = text.slice(cuts[index], cuts[index + 1]);
        made.append(span);
      }
      at = end;
    }
    return made;
  }

  function row(number, className) {
    const line = document.createElement("div");
    const mark = document.createElement("i");
    line.className = "ln" + (className ? " " + className : "");
    mark.textContent = number;
    line.append(mark);
    return line;
  }

  function message(error) {
    const line = row("", "err"), text = document.createElement("span"), place = document.createElement("b");
    place.className = "tn";
    place.textContent = error.line + ":" + error.column;
    text.append(place, " " + error.message.charAt(0).toUpperCase() + error.message.slice(1));
    if (error.suggestion) {
      const better = document.createElement("b");
      better.className = "mono";
      better.textContent = error.suggestion;
      text.append(". Did you mean ", better, "?");
    }
    line.append(text);
    return line;
  }

  function draw() {
    const scrolled = lines.scrollLeft;
    lines.replaceChildren();
    area.value.split("\n").forEach((text, index) => {
      const errors = state.errors.filter((error) => error.line === index + 1);
      const line = row(index + 1, errors.length ? "bad" : "");
      const drawn = coloured(text, errors.map((error) => [error.column - 1, error.column - 1 + error.length]));
      drawn.dataset.line = index;
      line.append(drawn);
      lines.append(line, ...errors.map(message));
    });
    lines.append(caret);
    lines.scrollLeft = scrolled;
    drawCaret();
  }

  function place(offset) {
    // The line's span and the column of an offset in the text.
    const before = area.value.slice(0, offset).split("\n");
    return [lines.querySelector('[data-line="' + (before.length - 1) + '"]'), before.pop().length];
  }

  function box(offset) {
    const [span, column] = place(offset);
    const range = document.createRange(), base = lines.getBoundingClientRect();
    let left = span.getBoundingClientRect().left, rest = column;
    for (const token of span.childNodes) {
      const length = token.textContent.length;
      if (rest <= length && length) {
        range.setStart(token.firstChild, 0);
        range.setEnd(token.firstChild, rest);
        const drawn = range.getBoundingClientRect();
        left = rest ? drawn.right : token.getBoundingClientRect().left;
        break;
      }
      rest -= length;
    }
    return { left: left - base.left + lines.scrollLeft - 1, top: span.getBoundingClientRect().top - base.top - 1 };
  }

  function drawCaret() {
    FG.all(".sel", lines).forEach((each) => each.remove());
    const start = area.selectionStart, end = area.selectionEnd;
    const at = box(area.selectionDirection === "backward" ? start : end);
    caret.hidden = !root.classList.contains("focus");
    caret.style.left = at.left + "px";
    caret.style.top = at.top + 2 + "px";
    area.style.top = at.top + "px";
    area.style.left = Math.max(at.left - lines.scrollLeft, 0) + "px";
    if (start !== end && root.classList.contains("focus")) drawSelection(start, end);
  }

  function drawSelection(start, end) {
    let from = start;
    while (from <= end) {
      const stop = area.value.indexOf("\n", from), to = stop < 0 || stop > end ? end : stop;
      const one = box(from), two = box(to), mark = document.createElement("div");
      mark.className = "sel";
      mark.style.left = one.left + 1 + "px";
      mark.style.top = one.top + "px";
      mark.style.width = Math.max(two.left - one.left, to < end ? 6 : 0) + "px";
      lines.append(mark);
      from = to + 1;
    }
  }

  function show() {
    // Keep the caret in sight sideways.
    const at = box(area.selectionEnd).left;
    if (at > lines.scrollLeft + lines.clientWidth - 24) lines.scrollLeft = at - lines.clientWidth + 60;
    if (at < lines.scrollLeft + 54) lines.scrollLeft = Math.max(at - 80, 0);
  }

  function offsetAt(event) {
    // From a point on the drawn lines to an offset in the text.
    let node, within;
    if (document.caretPositionFromPoint) {
      const found = document.caretPositionFromPoint(event.clientX, event.clientY);
      if (found) [node, within] = [found.offsetNode, found.offset];
    } else {
      const found = document.caretRangeFromPoint(event.clientX, event.clientY);
      if (found) [node, within] = [found.startContainer, found.startOffset];
    }
    const owner = node && (node.nodeType === 3 ? node.parentElement : node).closest("[data-line]");
    if (owner && node.nodeType === 3) return lineStart(Number(owner.dataset.line)) + before(owner, node) + within;
    return edgeAt(event);
  }

  function before(owner, node) {
    let length = 0;
    for (const token of owner.childNodes) {
      if (token.contains(node)) break;
      length += token.textContent.length;
    }
    return length;
  }

  function lineStart(number) {
    return area.value.split("\n").slice(0, number).reduce((sum, line) => sum + line.length + 1, 0);
  }

  function edgeAt(event) {
    // Beside the text: the end of the line at that height, its start when left of it.
    const spans = FG.all("[data-line]", lines);
    const hit = spans.filter((span) => span.getBoundingClientRect().top <= event.clientY).pop() || spans[0];
    const start = lineStart(Number(hit.dataset.line));
    return event.clientX < hit.getBoundingClientRect().left ? start : start + hit.textContent.length;
  }

  lines.addEventListener("mousedown", (event) => {
    if (event.button || event.offsetY > lines.clientHeight) return;
    event.preventDefault();
    const at = offsetAt(event);
    state.anchor = event.shiftKey ? area.selectionStart : at;
    area.focus({ preventScroll: true });
    area.setSelectionRange(Math.min(state.anchor, at), Math.max(state.anchor, at));
    state.dragging = true;
    drawCaret();
  });
  document.addEventListener("mousemove", (event) => {
    if (!state.dragging) return;
    const at = offsetAt(event);
    area.setSelectionRange(Math.min(state.anchor, at), Math.max(state.anchor, at), at < state.anchor ? "backward" : "forward");
    drawCaret();
  });
  document.addEventListener("mouseup", () => { state.dragging = false; });
  lines.addEventListener("dblclick", (event) => {
    const at = offsetAt(event), text = area.value;
    const left = text.slice(0, at).match(/[\w.]*$/)[0].length, right = text.slice(at).match(/^[\w.]*/)[0].length;
    area.setSelectionRange(at - left, at + right);
    drawCaret();
  });
  area.addEventListener("focus", () => { root.classList.add("focus"); drawCaret(); });
  area.addEventListener("blur", () => { root.classList.remove("focus"); drawCaret(); });
  area.addEventListener("input", () => { draw(); show(); });
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" && event.key !== "Escape") requestAnimationFrame(() => { drawCaret(); show(); });
  });
  document.addEventListener("selectionchange", () => { if (document.activeElement === area) drawCaret(); });
  window.addEventListener("resize", drawCaret);

  draw();
  return {
    root, area, draw,
    names(map) { state.names = map; draw(); },
    errors(list) { state.errors = list; draw(); },
  };
};
