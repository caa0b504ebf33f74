// The frame of every page: theme, drawer, dialogs, menu, keys. Others add keys through FG.keys.
window.FG = (function () {
  "use strict";
  const root = document.documentElement;
  const one = (selector, within) => (within || document).querySelector(selector);
  const all = (selector, within) => Array.from((within || document).querySelectorAll(selector));
  const keys = {};

  function stored(name, value) {
    try {
      if (value === undefined) return localStorage.getItem(name);
      localStorage.setItem(name, value);
    } catch (error) {
      return null; // private windows may forbid storage; the choice lasts for the page
    }
    return value;
  }

  function switchTheme() {
    const next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    root.setAttribute("data-bs-theme", next);
    stored("fg-theme", next);
    document.dispatchEvent(new CustomEvent("fg:theme"));
  }

  function switchDrawer(button) {
    const open = one("#nav").classList.toggle("open");
    button.setAttribute("aria-expanded", String(open));
  }

  function say(text) {
    const toast = one("#toast");
    toast.firstElementChild.textContent = text;
    toast.hidden = false;
  }

  function close(id) {
    const element = document.getElementById(id);
    if (element.tagName === "DIALOG") element.close();
    else element.hidden = true;
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button, a");
    if (button) {
      if (button.hasAttribute("data-theme")) switchTheme();
      if (button.hasAttribute("data-nav")) switchDrawer(button);
      if (button.dataset.open) document.getElementById(button.dataset.open).showModal();
      if (button.dataset.close) close(button.dataset.close);
    }
    const row = event.target.closest("tr[data-href]");
    if (row && !event.target.closest("a, button, input, .c-x") && !String(getSelection())) location.href = row.dataset.href;
    all("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    const nav = one("#nav.open");
    if (nav && !nav.contains(event.target) && !(button && button.hasAttribute("data-nav"))) nav.classList.remove("open");
  });

  function typing(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && target.type !== "checkbox";
  }

  const single = one("#single-keys");
  if (single) {
    single.checked = stored("fg-single-keys") !== "off";
    single.addEventListener("change", () => stored("fg-single-keys", single.checked ? "on" : "off"));
  }

  document.addEventListener("keydown", (event) => {
    const search = one("#search");
    if ((event.ctrlKey || event.metaKey) && event.key === "k" && search) {
      event.preventDefault();
      search.focus();
      search.select();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      if (keys.Escape) keys.Escape(event);
      if (typing(event.target)) event.target.blur();
      return;
    }
    if (typing(event.target) || one("dialog[open]") || !single || !single.checked) return;
    const act = keys[event.key];
    if (act && act(event) !== false) event.preventDefault();
  });

  keys["/"] = () => one("#search").focus();
  keys["?"] = () => one("#keys").showModal();
  keys.u = () => {
    const back = one("[data-back]");
    if (!back) return false;
    location.href = back.href;
  };
  keys.n = () => {
    const next = one("[data-next]");
    if (next && next.tagName === "BUTTON") next.click();
    else location.href = next ? next.href : "/alerts/next/";
  };

  all("[data-undo]").forEach((button) => {
    const until = Date.now() + Number(button.dataset.undo) * 1000;
    const tick = () => {
      const left = Math.round((until - Date.now()) / 1000);
      button.textContent = "Undo " + left + " s";
      if (left > 0) setTimeout(tick, 1000);
      else button.closest("form").hidden = true;
    };
    tick();
  });

  if (window.htmx) {
    document.body.addEventListener("htmx:responseError", (event) => say("That did not load (" + event.detail.xhr.status + "). Reload the page to try again."));
    document.body.addEventListener("htmx:sendError", () => say("The server cannot be reached. Nothing was changed."));
  }
  return { one, all, keys, say, stored };
})();
