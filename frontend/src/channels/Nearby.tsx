import { isPlanner } from "../api/session";
import type { Key } from "../i18n";
import { PATHS, type PageName, place } from "../lib/router";
import { t } from "./words";

const PLACES: readonly { page: PageName; label: Key }[] = [
  { page: "channels", label: "page.channels" },
  { page: "templates", label: "page.templates" },
  { page: "punch_sources", label: "page.punch_sources" },
];

/** The pages about how the system talks and listens, for planners: one line above each of them. */
export function Nearby() {
  if (!isPlanner.value) return null;
  return (
    <nav class="nearby" aria-label={t("near")}>
      {PLACES.map(({ page, label }) => (
        <a key={page} href={PATHS[page]} aria-current={place.value.page === page ? "page" : undefined}>
          {t(label)}
        </a>
      ))}
    </nav>
  );
}
