import type { Catalogue } from "./zh";

export const en: Catalogue = {
  "action.close": "Close",
  "action.cancel": "Cancel",
  "action.save": "Save",
  "action.create": "Create",
  "action.delete": "Delete",
  "action.edit": "Edit",
  "action.retry": "Try again",
  "action.reload": "Reload",
  "action.undo": "Undo",
  "action.more": "Show earlier",

  "app.name": "Daka",

  "auth.sign_in": "Sign in",
  "auth.set_up": "First start",
  "auth.set_up_text":
    "There are no accounts yet. Create the first administrator, who then adds everybody else.",
  "auth.username": "User name",
  "auth.password": "Password",
  "auth.password_hint": "At least {n} characters.",
  "auth.create": "Create account",
  "auth.forgot": "Forgot your password? An administrator can set a new one.",

  "day.today": "Today",
  "day.tomorrow": "Tomorrow",
  "day.yesterday": "Yesterday",

  "errors.offline": "The server cannot be reached",
  "errors.offline_text":
    "The network may be down, or the server is not running. Reminders come from the server and do not need this page.",
  "errors.page": "This page could not be loaded",
  "errors.page_code": "A file of the page did not arrive, perhaps after an upgrade. Reload to get it.",
  "errors.unexpected":
    "Something unexpected happened. Try again; if it stays, tell your administrator the time.",
  "errors.server": "The server failed and nothing was changed. Try again in a moment.",
  "errors.not_signed_in": "Your session has ended. Sign in again.",
  "errors.wrong_credentials": "The user name or the password is wrong.",
  "errors.forbidden": "You may not do this.",
  "errors.not_found": "Not found; it may have been deleted.",
  "errors.conflict": "This conflicts with the present state; nothing was saved.",
  "errors.too_many_requests": "Too many attempts. Try again in {n} s.",
  "errors.already_set_up": "There is an account already. Sign in.",
  "errors.invalid_input": "Some of the input is not valid; nothing was saved.",

  "language.zh": "中文",
  "language.en": "English",

  loading: "Loading…",

  "nav.label": "Main",
  "nav.skip": "Skip to content",

  offline: "The connection to the server is down; trying again. What you see may be old.",

  "page.today": "Today",
  "page.calendar": "Calendar",
  "page.roster": "Roster",
  "page.shifts": "Shifts",
  "page.channels": "Channels",
  "page.log": "Log",
  "page.people": "People",
  "page.settings": "Settings",
  "page.more": "More",
  "page.none": "No such page",
  "page.none_text": "There is nothing at this address.",
  "page.none_step": "Back to today",

  "person.display_name": "Name",

  "span.minutes": "{n} minute | {n} minutes",
  "span.hours": "{n} hour | {n} hours",
  "span.late_seconds": "+{n} s",
  "span.late": "+{span}",

  "state.waiting": "To come",
  "state.nagging": "Reminding",
  "state.done": "Clocked",
  "state.missed": "Missed",
  "state.skipped": "Skipped",
};
