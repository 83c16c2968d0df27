// Runs before the first paint, so that a chosen theme and language never flash. And people who come back are signed in while the
// app is still being loaded, with what their page shows first: src/api/session.ts takes the answer, and asks for it without that
// if there is none.
(() => {
  try {
    const theme = localStorage.getItem("daka.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    const language = localStorage.getItem("daka.language") || navigator.language;
    document.documentElement.lang = language.startsWith("zh") ? "zh-CN" : "en";
    const { english } = document.currentScript.dataset; // the built page's
    if (english && document.documentElement.lang === "en")
      document.head.append(
        Object.assign(document.createElement("link"), { rel: "modulepreload", href: english }),
      );
    if (localStorage.getItem("daka.signed_in") === "1") {
      const headers = { "Content-Type": "application/json", "X-Daka-Client": "web" };
      const page = { "/": ["/api/v1/dashboard"], "/roster": ["/api/v1/teams"] }[location.pathname] ?? [];
      const body = JSON.stringify({ also: ["/api/v1/me", ...page] });
      // No lock among tabs: the server gives the same browser the same next token for a while.
      window.dakaRenewal = fetch("/api/v1/auth/refresh", { method: "POST", headers, body }).catch(
        () => undefined,
      );
    }
  } catch {
    // Storage may be forbidden; the system's theme and Chinese are fine.
  }
})();
