import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { isLive, listen, stopListening } from "./api/events";
import { cachedSince } from "./api/offlineCache";
import { isAdmin, isPlanner, me, resumeSession, sessionState } from "./api/session";
import { PasswordPrompt } from "./auth/PasswordPrompt";
import { type Key, language, t } from "./i18n";
import { AppState } from "./lib/appState";
import { lazy } from "./lib/lazy";
import { now } from "./lib/now";
import { addressOf, PATHS, type PageName, place } from "./lib/router";
import { formatDateTime } from "./lib/time";
import { activateNewVersion, newVersion } from "./offline";
import { LockPrompt } from "./roster/LockPrompt";
import { Today } from "./today/Today";
import { Button } from "./ui/Button";
import { EmptyState, Loading } from "./ui/EmptyState";
import { Icon, type IconName, Seal } from "./ui/Icon";
import { Page } from "./ui/Page";
import { dismissOffers, showToast, Toasts } from "./ui/Toast";

const page = (load: () => Promise<ComponentType>) => lazy(load, { loading: PageLoading, failed: PageFailed });

/** Pages beyond today are fetched when they are first opened. */
const PAGES: Readonly<Record<PageName, ComponentType>> = {
  today: Today,
  more: More,
  calendar: page(() => import("./calendar/Calendar").then((it) => it.Calendar)),
  roster: page(() => import("./roster/Roster").then((it) => it.Roster)),
  shifts: page(() => import("./shifts/Shifts").then((it) => it.Shifts)),
  channels: page(() => import("./channels/Channels").then((it) => it.Channels)),
  templates: page(() => import("./templates/Templates").then((it) => it.Templates)),
  punch_sources: page(() => import("./punches/PunchSources").then((it) => it.PunchSources)),
  log: page(() => import("./log/Log").then((it) => it.Log)),
  requests: page(() => import("./requests/Requests").then((it) => it.Requests)),
  wishes: page(() => import("./wishes/Wishes").then((it) => it.Wishes)),
  preview: page(() => import("./explain/Preview").then((it) => it.Preview)),
  why: page(() => import("./explain/Why").then((it) => it.Why)),
  people: page(() => import("./people/People").then((it) => it.People)),
  settings: page(() => import("./settings/Settings").then((it) => it.Settings)),
  audit: page(() => import("./audit/Audit").then((it) => it.Audit)),
  set_password: page(() => import("./auth/SetPassword").then((it) => it.SetPassword)),
};

const SignIn = lazy(() => import("./auth/SignIn").then((it) => it.SignIn), { failed: PageFailed });
const SetUp = lazy(() => import("./auth/SetUp").then((it) => it.SetUp), { failed: PageFailed });

interface Entry {
  page: PageName;
  icon: IconName;
  label: Key;
  forPlanners?: boolean;
  forAdmins?: boolean;
  /** Has a tab of its own on phones; the others live under 更多. */
  isTab?: boolean;
  /** Is reached from another page of the rail. */
  under?: PageName;
}

const ENTRIES: readonly Entry[] = [
  { page: "today", icon: "today", label: "page.today", isTab: true },
  { page: "calendar", icon: "calendar", label: "page.calendar", isTab: true },
  { page: "roster", icon: "roster", label: "page.roster", isTab: true },
  { page: "log", icon: "log", label: "page.log", isTab: true },
  { page: "requests", icon: "requests", label: "page.requests" },
  { page: "wishes", icon: "calendar", label: "page.wishes", under: "requests" },
  { page: "shifts", icon: "shifts", label: "page.shifts" },
  { page: "channels", icon: "channels", label: "page.channels" },
  { page: "templates", icon: "templates", label: "page.templates", forPlanners: true, under: "channels" },
  {
    page: "punch_sources",
    icon: "sources",
    label: "page.punch_sources",
    forPlanners: true,
    under: "channels",
  },
  { page: "preview", icon: "preview", label: "page.preview", forPlanners: true },
  { page: "people", icon: "people", label: "page.people", forPlanners: true },
  { page: "audit", icon: "audit", label: "page.audit", forAdmins: true },
  { page: "settings", icon: "settings", label: "page.settings" },
];

const isFor = (entry: Entry) => (entry.forAdmins ? isAdmin.value : isPlanner.value || !entry.forPlanners);

function Rail() {
  const here = place.value.page;
  const entries = ENTRIES.filter(isFor);
  const above = entries.find((entry) => entry.page === here)?.under;
  const currency = (page: PageName, ancestor?: PageName) =>
    page === here ? "page" : page === ancestor ? "true" : undefined;
  const isUnderMore = here === "more" || entries.some((entry) => entry.page === here && !entry.isTab);
  return (
    <nav class="rail" aria-label={t("nav.label")}>
      <Seal />
      <ul>
        {entries
          .filter((entry) => !entry.under)
          .map((entry) => (
            <li key={entry.page} class={entry.isTab ? "" : "only-wide"}>
              <a href={PATHS[entry.page]} aria-current={currency(entry.page, above)}>
                <Icon name={entry.icon} />
                {t(entry.label)}
              </a>
            </li>
          ))}
        <li class="only-narrow">
          <a href={PATHS.more} aria-current={isUnderMore ? "page" : undefined}>
            <Icon name="more" />
            {t("page.more")}
          </a>
        </li>
      </ul>
    </nav>
  );
}

function More() {
  return (
    <Page title={t("page.more")}>
      <ul class="rows">
        {ENTRIES.filter((entry) => isFor(entry) && !entry.isTab).map((entry) => (
          <li key={entry.page}>
            <a class="row-link" href={PATHS[entry.page]}>
              <Icon name={entry.icon} />
              <span class="grow">{t(entry.label)}</span>
              <Icon name="forward" size={16} />
            </a>
          </li>
        ))}
      </ul>
    </Page>
  );
}

/** Members have no planner's pages, even if they enter the address. */
const isMine = (page: PageName) => ENTRIES.every((entry) => entry.page !== page || isFor(entry));

function Here() {
  const asked = place.value.page;
  const name = asked && isMine(asked) ? asked : null;
  if (!name)
    return (
      <Page title={t("page.none")}>
        <EmptyState title={t("page.none_text")}>
          <a class="button plain" href={addressOf("today")}>
            {t("page.none_step")}
          </a>
        </EmptyState>
      </Page>
    );
  const Found = PAGES[name];
  return <Found key={name} />;
}

function PageLoading() {
  return (
    <div class="page">
      <Loading />
    </div>
  );
}

function PageFailed() {
  return (
    <Page title={t("errors.page")}>
      <EmptyState title={t(navigator.onLine ? "errors.page_code" : "errors.offline")}>
        <Button onClick={() => location.reload()}>{t("action.reload")}</Button>
      </EmptyState>
    </Page>
  );
}

/** How fresh what one sees is: an old answer, a broken line, an old version. */
function Freshness() {
  const from = cachedSince.value;
  const words =
    from !== null
      ? t("offline_since", { when: formatDateTime(from, now.value) })
      : isLive.value
        ? null
        : t("offline");
  return (
    <>
      {words && (
        <p class="offline" role="status">
          {words}
        </p>
      )}
      {newVersion.value && (
        <div class="offline new-version" role="status">
          <p>{t("new_version")}</p>
          <Button look="quiet" onClick={activateNewVersion}>
            {t("action.reload")}
          </Button>
        </div>
      )}
    </>
  );
}

function Shell() {
  useEffect(() => {
    listen();
    return () => {
      stopListening();
      dismissOffers();
    };
  }, []);
  return (
    <div class="shell">
      <a class="skip" href="#main">
        {t("nav.skip")}
      </a>
      <Rail />
      <main id="main" tabIndex={-1}>
        <Freshness />
        <Here />
      </main>
    </div>
  );
}

export function App() {
  // A change of language draws everything anew.
  void language.value;
  const [state] = useState(() => new Map<string, unknown>());
  return (
    <AppState.Provider value={state}>
      <Gate />
      <PasswordPrompt />
      <LockPrompt />
      <Toasts />
    </AppState.Provider>
  );
}

function Gate() {
  // A password link works without being signed in, and for another person than the one signed in.
  if (place.value.page === "set_password") return <Here />;
  switch (sessionState.value) {
    case "signed-in":
      return <Shell key={me.value?.id} />;
    case "signed-out":
      return <SignIn />;
    case "setup":
      return <SetUp />;
    case "unreachable":
      return (
        <main>
          <Page title={t("errors.offline")}>
            <EmptyState title={t("errors.offline_text")}>
              <Button look="main" onClick={() => void resumeSession()}>
                {t("action.retry")}
              </Button>
            </EmptyState>
          </Page>
        </main>
      );
    default:
      return null;
  }
}

addEventListener("unhandledrejection", () => showToast(t("errors.unexpected"), { isProblem: true }));
