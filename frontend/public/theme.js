// Runs before the first paint, so that a chosen theme and language never flash. And people who come back are signed in while the
// app is still being loaded: src/api/session.ts takes the answer, and asks for it in the same way if there is none.
(() => {
  try {
    const theme = localStorage.getItem("daka.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    const language = localStorage.getItem("daka.language") || navigator.language;
    document.documentElement.lang = language.startsWith("zh") ? "zh-CN" : "en";
    if (localStorage.getItem("daka.signed_in") === "1" && navigator.locks) {
      const headers = { "Content-Type": "application/json", "X-Daka-Client": "web" };
      const ask = () => fetch("/api/v1/auth/refresh", { method: "POST", headers, body: "{}" });
      window.dakaRenewal = navigator.locks.request("daka.refresh", ask).catch(() => undefined);
    }
  } catch {
    // Storage may be forbidden; the system's theme and Chinese are fine.
  }
})();
