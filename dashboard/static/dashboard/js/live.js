// Keeps the page up to date: a socket, or every five seconds a question when it cannot open.
(function () {
  "use strict";
  const mark = FG.one("#live");
  if (!mark) return;
  const POLL = 5000, SILENCE = 40000, SLOWEST = 30000;
  const port = FG.one("meta[name=live-port]").content;
  const address = FG.one("meta[name=live-state]").content;
  const number = (value) => Number(value).toLocaleString("en-GB");
  let wait = 1000, last = "", newest = "", heard = 0, lost = "", polling = null, socket = null;

  const clock = () => new Date().toLocaleTimeString("en-GB");

  function state(name, text) {
    mark.firstElementChild.className = name;
    mark.lastElementChild.textContent = text;
    mark.setAttribute("aria-label", text);
    mark.title = text;
  }

  // As the server writes it: from ten million on in millions, the full figure beside it.
  function money(element, value) {
    const millions = (value / 1e6).toLocaleString("en-GB", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    element.textContent = value < 1e7 ? number(value) : millions + "\u00a0M";
    element.title = number(value);
    element.setAttribute("aria-label", number(value));
  }

  // What stands around the figures is of the same moment as they are.
  function beside(kpis) {
    FG.all("[data-line]").forEach((element) => (element.textContent = kpis.lines[element.dataset.line]));
    FG.one("#levels").innerHTML = kpis.levels;
    FG.one("#sentence").textContent = kpis.sentence;
  }

  function figures(kpis) {
    const today = !FG.one(".tiles[data-period]") || FG.one(".tiles").dataset.period === "today";
    FG.all("[data-kpi]").forEach((element) => {
      const name = element.dataset.kpi;
      if (!(name in kpis) || (!today && name !== "open_alerts")) return;
      if (name.endsWith("amount")) money(element, Math.round(kpis[name] / 100));
      else element.textContent = number(kpis[name]);
    });
    if (today && FG.one("#levels")) beside(kpis);
  }

  function tell(message) {
    heard = Date.now();
    if (message.kpis) figures(message.kpis);
    if (message.decisions && message.decisions.length) document.dispatchEvent(new CustomEvent("fg:decisions", { detail: message }));
    if (message.jobs) document.dispatchEvent(new CustomEvent("fg:jobs", { detail: message.jobs }));
    if (message.bell) document.body.dispatchEvent(new CustomEvent("fg:bell"));
    if (message.alerts && message.alerts.length) document.body.dispatchEvent(new CustomEvent("fg:alerts", { detail: message.alerts }));
  }

  async function poll() {
    try {
      const response = await fetch(address + "?after=" + encodeURIComponent(last) + "&alert=" + newest, { headers: { Accept: "application/json" } });
      if (!response.ok || response.redirected) throw new Error(String(response.status));
      const message = await response.json();
      const first = !last;
      last = message.last;
      newest = String(message.newest_alert);
      if (first) message.decisions = [];
      tell(message);
      state("poll", "Every 5 s · live connection lost " + lost);
    } catch (error) {
      state("off", "Stopped · last update " + (heard ? new Date(heard).toLocaleTimeString("en-GB") : "none"));
    }
  }

  function startPolling() {
    if (polling) return;
    lost = lost || clock();
    polling = setInterval(poll, POLL);
    poll();
  }

  function stopPolling() {
    clearInterval(polling);
    polling = null;
    last = newest = lost = "";
  }

  function connect() {
    const scheme = location.protocol === "https:" ? "wss://" : "ws://";
    const host = port ? location.hostname + ":" + port : location.host;
    socket = new WebSocket(scheme + host + "/ws/live/");
    socket.onopen = () => {
      wait = 1000;
      stopPolling();
      heard = Date.now();
      state("", "Live · " + clock());
    };
    socket.onmessage = (event) => {
      tell(JSON.parse(event.data));
      state("", "Live · " + clock());
    };
    socket.onclose = () => {
      startPolling();
      setTimeout(connect, wait);
      wait = Math.min(wait * 2, SLOWEST);
    };
  }

  setInterval(() => {
    if (socket && socket.readyState === WebSocket.OPEN && Date.now() - heard > SILENCE) socket.close();
  }, POLL);
  connect();
})();
