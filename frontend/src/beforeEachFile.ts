import { beforeAll } from "vitest";
import { setLanguage } from "./i18n";
import { setZone } from "./lib/time";

/** Test files that share their modules begin as if they had loaded them. */
beforeAll(async () => {
  await setLanguage("zh");
  setZone(Intl.DateTimeFormat().resolvedOptions().timeZone);
});
