// Runs before the first paint, so that a dark page never flashes light.
(function () {
  "use strict";
  let stored = null;
  try {
    stored = localStorage.getItem("fg-theme");
  } catch (error) {
    stored = null; // storage may be forbidden; the system's choice applies
  }
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.setAttribute("data-bs-theme", stored || system);
})();
