import { useGet } from "../api/get";
import { addressOf } from "../lib/router";
import { formatDate, formatDateRange } from "../lib/time";
import { t } from "./words";

/** For which days one is asked for wishes, and the way to answer. */
export function WishesLine() {
  const found = useGet("/api/v1/wish-call", {});
  const call = found.value?.call;
  if (!call?.is_open) return null;
  const span = formatDateRange(call.first_date, call.last_date);
  return (
    <section>
      <h2 class="section-head">{t("head")}</h2>
      <p>
        {t("open_line", { span, date: formatDate(call.closes_on) })}{" "}
        <a href={addressOf("wishes")}>{t("to_wishes")}</a>
      </p>
    </section>
  );
}
