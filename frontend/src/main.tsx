import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/ui.css";
import "./styles/shell.css";
import { render } from "preact";
import { loadErrorWords } from "./api/problem";
import { resumeSession } from "./api/session";
import { App } from "./app";
import { preferredLanguage, setLanguage } from "./i18n";
import { startClock } from "./lib/now";
import { followLinks } from "./lib/router";
import { PUSH_HERE, stored } from "./lib/storage";
import { registerServiceWorker, whenOfflineReady } from "./offline";

startClock();
followLinks(document);
await Promise.all([setLanguage(preferredLanguage()), resumeSession()]);
const root = document.getElementById("app");
if (root) render(<App />, root);
whenOfflineReady(() => {
  if (stored(PUSH_HERE)) void import("./channels/push").then((it) => it.renewPush()).catch(() => undefined);
});
/** What nobody waits for leaves the network to what is shown. */
const SETTLED_AFTER_MS = 1000;
setTimeout(() => {
  registerServiceWorker();
  loadErrorWords().catch(() => undefined); // before most problems
}, SETTLED_AFTER_MS);
