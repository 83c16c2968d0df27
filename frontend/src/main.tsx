import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/ui.css";
import "./styles/shell.css";
import { render } from "preact";
import { arrive } from "./api/session";
import { App } from "./app";
import { preferredLanguage, speak } from "./i18n";
import { startClock } from "./lib/now";
import { followLinks } from "./lib/router";
import { keepForOffline } from "./offline";

startClock();
followLinks(document);
await Promise.all([speak(preferredLanguage()), arrive()]);
const root = document.getElementById("app");
if (root) render(<App />, root);
keepForOffline();
