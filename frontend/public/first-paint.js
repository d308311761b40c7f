// Before the first paint: the theme and the language chosen last time, so that nothing flashes.
(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("casedesk.theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    if (localStorage.getItem("casedesk.lang") === "en") root.lang = "en";
  } catch {
    // Storage may be blocked: the system's theme and Chinese it is.
  }
})();
