// Runs before the first paint, so that a chosen theme and language never flash.
(() => {
  try {
    const theme = localStorage.getItem("daka.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    const language = localStorage.getItem("daka.language") || navigator.language;
    document.documentElement.lang = language.startsWith("zh") ? "zh-CN" : "en";
  } catch {
    // Storage may be forbidden; the system's theme and Chinese are fine.
  }
})();
