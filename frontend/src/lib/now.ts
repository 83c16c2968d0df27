import { computed, signal } from "@preact/signals";
import { dateOf } from "./time";

/** The present second; it ticks so that the clock turns on time. */
export const now = signal(Date.now());

/** The date it is where the work is: what shows it is rendered again when the date changes, not each second. */
export const currentDate = computed(() => dateOf(now.value));

/** How far this device's clock is from the server's, in milliseconds. */
let offset = 0;

/** An answer's time, which was given between `since` and now if this clock is right. */
export function setServerTime(instant: string | null | undefined, since = Date.now()) {
  const server = instant ? Date.parse(instant) : Number.NaN;
  // Below two seconds it is the network, not the clock.
  const isRight = server > since - 2000 && server < Date.now() + 2000;
  if (!Number.isNaN(server)) offset = isRight ? 0 : Math.round(server - (since + Date.now()) / 2);
  tick();
}

function tick() {
  now.value = Math.floor((Date.now() + offset) / 1000) * 1000;
}

export function startClock() {
  tick();
  setInterval(tick, 1000);
  addEventListener("visibilitychange", tick);
}
