import { useState } from "preact/hooks";
import { api } from "../api/client";
import { useGet } from "../api/get";
import { usePages } from "../api/pages";
import { currentDate } from "../lib/now";
import { addressOf, place, stay } from "../lib/router";
import { dateOf, formatRelativeDay } from "../lib/time";
import { useSearchText } from "../lib/useSearchText";
import { ReadMore } from "../parts/ReadMore";
import { EmptyState, Loaded } from "../ui/EmptyState";
import { Page } from "../ui/Page";
import { DeliveryLine } from "./DeliveryLine";
import { filterIn, isFiltered, type LogFilter, queryOf } from "./filter";
import { LogFilters } from "./LogFilters";
import type { Delivery } from "./story";
import { t } from "./words";
import "./log.css";

const PAGE_SIZE = 50;

export function Log() {
  const one = Number(place.value.query.get("delivery")) || null;
  return one ? <OneDelivery key={one} id={one} /> : <WholeLog />;
}

/** The target of a link: a single delivery with its story. */
function OneDelivery({ id }: { id: number }) {
  const found = useGet("/api/v1/deliveries/{delivery_id}", { path: { delivery_id: id } }, ["delivery"]);
  return (
    <Page
      title={t("page.log")}
      class="log-page"
      actions={
        <a class="button plain" href={addressOf("log")}>
          {t("show_all")}
        </a>
      }
    >
      <Loaded from={found}>
        {(delivery) => (
          <>
            <h2 class="log-day">{formatRelativeDay(dateOf(delivery.due_at), currentDate.value)}</h2>
            <DeliveryLine delivery={delivery} isOpen onChanged={() => void found.reload()} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function WholeLog() {
  const inAddress = filterIn(place.value.query);
  const search = useSearchText(inAddress.q, (q) => change({ q }));
  const filter: LogFilter = { ...inAddress, q: search.text };
  const change = (changed: Partial<LogFilter>) => stay({ ...filter, ...changed });
  const deliveries = usePages<Delivery>(
    JSON.stringify(filter),
    (cursor) => api.get("/api/v1/deliveries", { query: { limit: PAGE_SIZE, ...queryOf(filter), cursor } }),
    ["delivery"],
  );
  const [open, setOpen] = useState<number | null>(null);
  const all = deliveries.items;

  return (
    <Page title={t("page.log")} class="log-page beside-detail">
      <LogFilters
        filter={filter}
        search={search}
        onFilter={change}
        onClear={() => {
          search.setTyped("");
          stay({});
        }}
      />
      <Loaded from={deliveries.first}>
        {() =>
          all.length > 0 ? (
            <>
              <ol class="rows">
                {all.map((delivery, index) => {
                  const day = dateOf(delivery.due_at);
                  const before = all[index - 1];
                  return (
                    <li key={delivery.id}>
                      {(!before || dateOf(before.due_at) !== day) && (
                        <h2 class="log-day">{formatRelativeDay(day, currentDate.value)}</h2>
                      )}
                      <DeliveryLine
                        delivery={delivery}
                        isOpen={open === delivery.id}
                        onToggle={() => setOpen(open === delivery.id ? null : delivery.id)}
                        onChanged={() => void deliveries.first.reload()}
                      />
                    </li>
                  );
                })}
              </ol>
              <ReadMore pages={deliveries} />
            </>
          ) : isFiltered(filter) ? (
            <EmptyState title={t("log.empty_filtered")} />
          ) : (
            <EmptyState title={t("log.empty")} text={t("log.empty_text")} />
          )
        }
      </Loaded>
    </Page>
  );
}
