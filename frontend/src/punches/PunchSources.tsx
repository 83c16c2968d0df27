import { useState } from "preact/hooks";
import { api } from "../api/client";
import { useGet, useList } from "../api/get";
import { nameIn } from "../api/teams";
import { ConfigPage, type LineProps } from "../channels/ConfigPage";
import { StatusNotes, StatusRow } from "../channels/StatusRow";
import { localized } from "../i18n";
import { lazyDialog } from "../lib/lazy";
import { now } from "../lib/now";
import { place } from "../lib/router";
import { formatDateTime } from "../lib/time";
import { AskFirst } from "../ui/AskFirst";
import { attempt } from "../ui/attempt";
import { Button } from "../ui/Button";
import { t as publishing } from "./publishWords";
import type { Source } from "./source";
import { VENDORS, type Vendor, vendorOf } from "./vendors";
import { t } from "./words";

const VendorSetUp = lazyDialog(() => import("./VendorSetUp").then((it) => it.VendorSetUp));
const SourceEditor = lazyDialog(() => import("./SourceEditor").then((it) => it.SourceEditor));
const Begin = lazyDialog(() => import("./PublishRoster").then((it) => it.BeginPublishing));
const PublishRoster = lazyDialog(() => import("./PublishRoster").then((it) => it.PublishRoster));
const RosterPull = lazyDialog(() => import("./RosterPull").then((it) => it.RosterPull));
const TestSource = lazyDialog(() => import("./TestSource").then((it) => it.TestSource));

export const PunchSources = () => (
  <ConfigPage
    title={t("page.punch_sources")}
    texts={{ add: t("new"), empty: t("empty"), empty_text: t("empty_text"), gone: t("gone") }}
    Intro={SetUpOffer}
    intro={<p class="soft source-text">{t("text")}</p>}
    items={useList("/api/v1/punch-sources", {}, ["punch"])}
    kinds={useList("/api/v1/punch-sources/kinds")}
    Line={SourceLine}
    Editor={SourceEditor}
    Test={TestSource}
  />
);

/** Leads through everything that a vendor knows already. `?setup=feishu` opens it at once. */
function SetUpOffer({ onChanged }: { onChanged: () => void }) {
  const asked = place.value.query.get("setup");
  const [isOpen, setOpen] = useState(asked !== null);
  const vendor = vendorOf(`${asked}_attendance`) ?? VENDORS[0];
  return (
    <div class="source-text set-up-offer">
      <p class="soft">{t("setup.open_text")}</p>
      <Button onClick={() => setOpen(true)}>{t("setup.open")}</Button>
      {isOpen && vendor && (
        <VendorSetUp
          vendor={vendor}
          sourceId={null}
          onClose={() => {
            setOpen(false);
            onChanged();
          }}
        />
      )}
    </div>
  );
}

const LOOK = {
  ok: ["done"],
  untried: ["waiting"],
  broken: ["missed"],
  failing: ["missed", "half"],
  over_budget: ["waiting", "pause"],
} as const;

function SourceLine({ item: source, kind, teams, isWanted, onEdit, onTest }: LineProps<Source>) {
  const [look, shape] = LOOK[source.status];
  const vendor = vendorOf(source.kind);
  const team = source.team_id === null ? t("everybody") : (nameIn(teams, source.team_id) ?? t("team.one"));
  return (
    <StatusRow
      name={source.name}
      facts={[source.is_from_environment ? t("environment_short") : kind, team, source.target]}
      isWanted={isWanted}
      mark={
        source.is_enabled
          ? { look, shape, word: t(`state.${source.status}`) }
          : { look: "skipped", word: t("channel.off") }
      }
      test={
        source.may_change && { label: t("test"), heard: t("test_named", { name: source.name }), run: onTest }
      }
      onOpen={onEdit}
    >
      <p class="soft small figures">
        {source.monthly_calls > 0
          ? t("calls_of", { n: source.calls_this_month, most: source.monthly_calls })
          : t("calls", { n: source.calls_this_month })}
        {source.calls_forecast > source.calls_this_month && t("calls_forecast", { n: source.calls_forecast })}
        {" · "}
        {source.answered_at
          ? t("answered", { when: formatDateTime(source.answered_at, now.peek()) })
          : t("never")}
      </p>
      {source.is_enabled && <Notes source={source} />}
      {source.is_enabled && source.may_change && source.team_id !== null && vendor && (
        <RosterLine source={source} vendor={vendor} />
      )}
    </StatusRow>
  );
}

/** Whether the team's roster is read from this source, and how that went last. */
function RosterLine({ source, vendor }: { source: Source; vendor: Vendor }) {
  const named = { vendor: localized(vendor.name) ?? "" };
  const [open, setOpen] = useState<"roster" | "people" | "publish" | "begin" | null>(null);
  const close = () => {
    setOpen(null);
    state.reload();
  };
  const path = { source_id: source.id };
  const state = useGet("/api/v1/punch-sources/{source_id}/roster", { path }, ["punch"]);
  const roster = state.value?.source;
  const isPublished = roster?.direction === "push";
  return (
    <>
      {roster && roster.status !== "ok" && (
        <StatusNotes
          since={t("roster.state")}
          isUrgent
          remedy={localized(roster.remedy)}
          answer={{ label: t("said"), text: roster.reason }}
        />
      )}
      {roster?.pulled_at && roster.direction === "pull" && (
        <p class="soft small">
          {t("roster.pulled", {
            ...named,
            when: formatDateTime(roster.pulled_at, now.peek()),
            n: roster.changed,
            next: formatDateTime(roster.next_at, now.peek()),
          })}
          {roster.kept > 0 && ` · ${t("roster.kept", { n: roster.kept })}`}
        </p>
      )}
      {roster && (roster.newcomers > 0 || roster.leavers > 0) && (
        <p class="small">
          {t("roster.people_changed", { ...named, joined: roster.newcomers, left: roster.leavers })}
        </p>
      )}
      <div class="form-foot">
        {!isPublished && <Button onClick={() => setOpen("roster")}>{t("roster.open")}</Button>}
        <Button onClick={() => setOpen(isPublished ? "publish" : "begin")}>
          {publishing("open", named)}
        </Button>
        <Button onClick={() => setOpen("people")}>{t("people.open", named)}</Button>
        {isPublished && (
          <AskFirst
            look="plain"
            label={publishing("end")}
            text={publishing("end_text", named)}
            onYes={() =>
              attempt(
                async () => {
                  await api.put("/api/v1/punch-sources/{source_id}/roster/direction", {
                    path,
                    body: { direction: "off" },
                  });
                  state.reload();
                },
                publishing("ended", named),
              )
            }
          />
        )}
        {roster && !isPublished && (
          <AskFirst
            label={t("roster.end")}
            text={t("roster.end_text", named)}
            onYes={() =>
              attempt(
                async () => {
                  await api.delete("/api/v1/punch-sources/{source_id}/roster", { path });
                  state.reload();
                },
                t("roster.ended", named),
              )
            }
          />
        )}
      </div>
      {open === "roster" && <RosterPull item={source} onClose={close} />}
      {open === "begin" && (
        <Begin
          sourceId={source.id}
          vendor={named.vendor}
          onBegun={() => {
            state.reload();
            setOpen("publish");
          }}
          onClose={close}
        />
      )}
      {open === "publish" && <PublishRoster sourceId={source.id} vendor={named.vendor} onClose={close} />}
      {open === "people" && <VendorSetUp vendor={vendor} sourceId={source.id} onClose={close} />}
    </>
  );
}

function Notes({ source }: { source: Source }) {
  const throttled = source.throttled_until
    ? t("throttled_until", { when: formatDateTime(source.throttled_until, now.peek()) })
    : null;
  if (source.status === "ok" || source.status === "untried")
    return throttled && <p class="soft small">{throttled}</p>;
  return (
    <StatusNotes
      since={source.status_at ? t("since", { when: formatDateTime(source.status_at, now.peek()) }) : null}
      isUrgent={source.status !== "over_budget"}
      remedy={localized(source.remedy)}
      throttled={throttled}
      answer={{ label: t("said"), text: source.status_reason }}
    />
  );
}
