"""Who may do what: one line for each route, read by eye. A route that is missing here fails the tests.

Alice plans team A, Bob and Dan work there, Charlie works in team C, Root administers. Placeholders say whose thing is asked for.

    ok   allowed, or refused for another reason (the input, 410 for a link that is no longer good)
    401  not signed in      403  seen, but not allowed      404  does not exist for them
"""

TABLE = """
                                                           anonymous charlie bob   alice root

# --- Public: signing in, links that are keys themselves, health
GET    /api/v1/setup                                            ok      ok    ok    ok    ok
POST   /api/v1/setup                                            ok      ok    ok    ok    ok
GET    /api/v1/auth/methods                                     ok      ok    ok    ok    ok
POST   /api/v1/auth/token                                       401     401   401   401   401
POST   /api/v1/auth/second-factor                               401     401   401   401   401
POST   /api/v1/auth/refresh                                     401     401   401   401   401
POST   /api/v1/auth/logout                                      ok      ok    ok    ok    ok
POST   /api/v1/auth/password-link/check                         404     404   404   404   404
POST   /api/v1/auth/password-link                               404     404   404   404   404
GET    /api/v1/auth/{a_way}/start                               404     404   404   404   404
GET    /api/v1/auth/{a_way}/callback                            404     404   404   404   404
GET    /a/{no_link}                                             ok      ok    ok    ok    ok
POST   /a/{no_link}                                             ok      ok    ok    ok    ok
GET    /ical/{no_link}.ics                                      ok      ok    ok    ok    ok
GET    /ical/{no_link}                                          ok      ok    ok    ok    ok
GET    /api/health                                              ok      ok    ok    ok    ok
HEAD   /api/health                                              ok      ok    ok    ok    ok
GET    /health                                                  ok      ok    ok    ok    ok
GET    /healthz                                                 ok      ok    ok    ok    ok
GET    /api/metrics                                             ok      ok    ok    ok    ok
GET    /api/openapi.json                                        ok      ok    ok    ok    ok
GET    /api/docs                                                ok      ok    ok    ok    ok

# --- Oneself
GET    /api/v1/me                                               401     ok    ok    ok    ok
PATCH  /api/v1/me                                               401     ok    ok    ok    ok
POST   /api/v1/me/password                                      401     403   403   403   403
GET    /api/v1/me/devices                                       401     ok    ok    ok    ok
DELETE /api/v1/me/devices                                       401     ok    ok    ok    ok
DELETE /api/v1/me/devices/{bobs_device}                         401     404   ok    404   404
GET    /api/v1/me/second-factor                                 401     ok    ok    ok    ok
POST   /api/v1/me/second-factor                                 401     403   403   403   403
POST   /api/v1/me/second-factor/confirm                         401     ok    ok    ok    ok
POST   /api/v1/me/second-factor/off                             401     403   403   403   403
GET    /api/v1/me/connections                                   401     ok    ok    ok    ok
POST   /api/v1/me/connections/{a_way}                           401     403   403   403   403
DELETE /api/v1/me/connections/{a_way}                           401     404   404   404   404
GET    /api/v1/me/tokens                                        401     ok    ok    ok    ok
POST   /api/v1/me/tokens                                        401     ok    ok    ok    ok
DELETE /api/v1/me/tokens/{bobs_token}                           401     404   ok    404   404
GET    /api/v1/me/ical                                          401     ok    ok    ok    ok
POST   /api/v1/me/ical                                          401     ok    ok    ok    ok
DELETE /api/v1/me/ical/{bobs_feed}                              401     404   ok    404   404
GET    /api/v1/me/notices                                       401     ok    ok    ok    ok
PUT    /api/v1/me/notices                                       401     ok    ok    ok    ok
GET    /api/v1/me/chats                                         401     ok    ok    ok    ok
POST   /api/v1/me/chats/code                                    401     ok    ok    ok    ok
DELETE /api/v1/me/chats/{bobs_chat}                             401     404   ok    404   404
GET    /api/v1/me/export                                        401     ok    ok    ok    ok

# --- People
GET    /api/v1/users                                            401     403   403   ok    ok
POST   /api/v1/users                                            401     403   403   ok    ok
POST   /api/v1/users/invite                                     401     403   403   ok    ok
POST   /api/v1/users/import                                     401     403   403   ok    ok
GET    /api/v1/users/{bob}                                      401     404   ok    ok    ok
GET    /api/v1/users/{root}                                     401     404   404   404   ok
PATCH  /api/v1/users/{bob}                                      401     403   403   ok    ok
PATCH  /api/v1/users/{alice}                                    401     403   403   ok    ok
PATCH  /api/v1/users/{root}                                     401     403   403   404   ok
DELETE /api/v1/users/{bob}                                      401     403   403   ok    ok
DELETE /api/v1/users/{root}                                     401     403   403   404   ok
POST   /api/v1/users/{bob}/password-link                        401     403   403   ok    ok
POST   /api/v1/users/{root}/password-link                       401     403   403   404   403
POST   /api/v1/users/{bob}/sign-out                             401     403   403   ok    ok
POST   /api/v1/users/{bob}/dingtalk-userid                      401     403   403   ok    ok
DELETE /api/v1/users/{bob}/second-factor                        401     403   403   403   ok
GET    /api/v1/users/{bob}/moves                                401     403   403   ok    ok
POST   /api/v1/users/{bob}/moves                                401     403   403   ok    ok
DELETE /api/v1/users/{bob}/moves/{bobs_move}                    401     403   403   ok    ok
GET    /api/v1/users/{bob}/export                               401     403   403   403   ok
POST   /api/v1/users/{bob}/erase                                401     403   403   403   ok

# --- Teams
GET    /api/v1/teams                                            401     ok    ok    ok    ok
POST   /api/v1/teams                                            401     403   403   403   ok
GET    /api/v1/teams/{team_a}                                   401     404   ok    ok    ok
PATCH  /api/v1/teams/{team_a}                                   401     403   403   ok    ok
DELETE /api/v1/teams/{team_a}                                   401     403   403   403   ok
GET    /api/v1/teams/{team_a}/planners                          401     403   403   ok    ok
PUT    /api/v1/teams/{team_a}/planners                          401     403   403   403   ok

# --- Shifts and rosters
GET    /api/v1/shifts                                           401     ok    ok    ok    ok
GET    /api/v1/shifts/presets                                   401     ok    ok    ok    ok
POST   /api/v1/shifts                                           401     403   403   ok    ok
GET    /api/v1/shifts/{a_shift}                                 401     404   ok    ok    ok
PATCH  /api/v1/shifts/{a_shift}                                 401     403   403   ok    ok
DELETE /api/v1/shifts/{a_shift}                                 401     403   403   ok    ok
GET    /api/v1/roster                                           401     ok    ok    ok    ok
PUT    /api/v1/roster                                           401     403   403   ok    ok
GET    /api/v1/roster/changes                                   401     ok    ok    ok    ok
POST   /api/v1/roster/fill                                      401     403   403   ok    ok
POST   /api/v1/roster/copy                                      401     403   403   ok    ok
GET    /api/v1/roster/actions                                   401     403   403   ok    ok
POST   /api/v1/roster/actions/{no_action}/undo                  401     403   403   404   404
POST   /api/v1/roster/actions/{no_action}/redo                  401     403   403   404   404
GET    /api/v1/roster/drafts                                    401     403   403   ok    ok
PUT    /api/v1/roster/drafts                                    401     403   403   ok    ok
GET    /api/v1/roster/drafts/warnings                           401     403   403   ok    ok
POST   /api/v1/roster/drafts/publish                            401     403   403   ok    ok
POST   /api/v1/roster/drafts/discard                            401     403   403   ok    ok
GET    /api/v1/roster/proposals                                 401     403   403   ok    ok
POST   /api/v1/roster/proposals                                 401     403   403   ok    ok
GET    /api/v1/roster/proposals/{no_action}                     401     403   403   404   404
DELETE /api/v1/roster/proposals/{no_action}                     401     403   403   404   404
POST   /api/v1/roster/proposals/{no_action}/stop                401     403   403   404   404
POST   /api/v1/roster/proposals/{no_action}/apply               401     403   403   404   404
GET    /api/v1/wishes                                           401     ok    ok    ok    ok
PUT    /api/v1/wishes/{a_day}                                     401     ok    ok    ok    ok
DELETE /api/v1/wishes/{a_day}                                     401     ok    ok    ok    ok
GET    /api/v1/wish-call                                        401     ok    ok    ok    ok
PUT    /api/v1/wish-call                                        401     403   403   ok    ok
DELETE /api/v1/wish-call                                        401     403   403   ok    ok
GET    /api/v1/roster/work-terms                                401     403   403   ok    ok
PUT    /api/v1/roster/work-terms/{bob}                          401     403   403   ok    ok
GET    /api/v1/roster/patterns                                  401     403   403   ok    ok
POST   /api/v1/roster/patterns                                  401     403   403   ok    ok
PATCH  /api/v1/roster/patterns/{a_pattern}                      401     403   403   ok    ok
DELETE /api/v1/roster/patterns/{a_pattern}                      401     403   403   ok    ok
POST   /api/v1/roster/import                                    401     403   403   ok    ok
GET    /api/v1/roster/import/template                           401     403   403   ok    ok
GET    /api/v1/roster/import/words                              401     403   403   ok    ok
DELETE /api/v1/roster/import/words                              401     403   403   ok    ok
DELETE /api/v1/roster/import/words/{no_word}                    401     403   403   404   404
GET    /api/v1/roster/imports                                   401     403   403   ok    ok
GET    /api/v1/roster/imports/{no_import}                       401     403   403   404   404
DELETE /api/v1/roster/imports/{no_import}                       401     403   403   404   404
GET    /api/v1/roster/export                                    401     ok    ok    ok    ok
GET    /api/v1/roster/report                                    401     403   403   ok    ok
GET    /api/v1/roster/report/export                             401     403   403   ok    ok
GET    /api/v1/roster/candidates                                401     403   403   ok    ok
GET    /api/v1/roster/history                                   401     403   403   ok    ok
GET    /api/v1/roster/notes                                     401     403   403   ok    ok
PUT    /api/v1/roster/notes                                     401     403   403   ok    ok
GET    /api/v1/roster/coverage                                  401     403   403   ok    ok
PUT    /api/v1/roster/coverage                                  401     403   403   ok    ok
GET    /api/v1/calendar/{year}                                  401     ok    ok    ok    ok
PUT    /api/v1/calendar/{year}                                  401     403   403   403   ok
POST   /api/v1/calendar/import                                  401     403   403   403   ok
GET    /api/v1/leaves                                           401     ok    ok    ok    ok
POST   /api/v1/leaves                                           401     404   ok    ok    ok
DELETE /api/v1/leaves/{bobs_leave}                              401     404   ok    ok    ok
GET    /api/v1/swaps                                            401     ok    ok    ok    ok
GET    /api/v1/open-shifts                                      401     ok    ok    ok    ok
POST   /api/v1/open-shifts                                      401     403   403   ok    ok
GET    /api/v1/open-shifts/{open_shift}/warnings                401     403   403   ok    ok
POST   /api/v1/open-shifts/{open_shift}/take                    401     404   ok    ok    403
POST   /api/v1/open-shifts/{open_shift}/give_back               401     404   ok    ok    403
POST   /api/v1/open-shifts/{open_shift}/approve                 401     403   403   ok    ok
POST   /api/v1/open-shifts/{open_shift}/decline                 401     403   403   ok    ok
POST   /api/v1/open-shifts/{open_shift}/withdraw                401     403   403   ok    ok
POST   /api/v1/swaps                                            401     ok    ok    ok    ok
GET    /api/v1/swaps/{bobs_swap}/warnings                       401     403   403   ok    ok
POST   /api/v1/swaps/{bobs_swap}/accept                         401     404   403   403   403
POST   /api/v1/swaps/{bobs_swap}/decline                        401     404   403   ok    ok
POST   /api/v1/swaps/{bobs_swap}/withdraw                       401     404   ok    403   403
POST   /api/v1/swaps/{bobs_swap}/approve                        401     404   403   ok    ok

# --- Reminders and punches
GET    /api/v1/reminders                                        401     ok    ok    ok    ok
GET    /api/v1/reminders/preview                                401     ok    ok    ok    ok
GET    /api/v1/reminders/explain                                401     404   ok    ok    ok
POST   /api/v1/reminders/{bobs_reminder}/ack                    401     404   ok    ok    ok
POST   /api/v1/reminders/{bobs_reminder}/snooze                 401     404   ok    ok    ok
POST   /api/v1/reminders/{bobs_reminder}/skip                   401     404   ok    ok    ok
POST   /api/v1/reminders/{bobs_reminder}/undo                   401     404   ok    ok    ok
POST   /api/v1/reminders/{bobs_reminder}/resend                 401     404   ok    ok    ok
GET    /api/v1/punches                                          401     ok    ok    ok    ok
GET    /api/v1/me/month                                         401     ok    ok    ok    ok
GET    /api/v1/punches/current                                  401     ok    ok    ok    ok
POST   /api/v1/punches                                          401     403   ok    ok    ok
GET    /api/v1/punch-sources                                    401     403   403   ok    ok
GET    /api/v1/punch-sources/kinds                              401     403   403   ok    ok
POST   /api/v1/punch-sources                                    401     403   403   ok    ok
GET    /api/v1/punch-sources/{a_source}                         401     403   403   ok    ok
PATCH  /api/v1/punch-sources/{a_source}                         401     403   403   ok    ok
DELETE /api/v1/punch-sources/{a_source}                         401     403   403   ok    ok
POST   /api/v1/punch-sources/{a_source}/test                    401     403   403   ok    ok
GET    /api/v1/roster/synced                                    401     403   403   ok    ok
GET    /api/v1/punch-sources/{a_source}/roster                  401     403   403   ok    ok
POST   /api/v1/punch-sources/{a_source}/roster/preview          401     403   403   ok    ok
POST   /api/v1/punch-sources/{a_source}/roster/pull             401     403   403   ok    ok
DELETE /api/v1/punch-sources/{a_source}/roster                  401     403   403   ok    ok
PUT    /api/v1/punch-sources/{a_source}/roster/direction        401     403   403   ok    ok
POST   /api/v1/punch-sources/{a_source}/roster/push/preview     401     403   403   ok    ok
POST   /api/v1/punch-sources/{a_source}/roster/push             401     403   403   ok    ok
GET    /api/v1/punch-sources/{a_source}/roster/pushes           401     403   403   ok    ok
POST   /api/v1/punch-sources/{a_source}/people/preview          401     403   403   ok    ok
POST   /api/v1/punch-sources/{a_source}/people                  401     403   403   ok    ok
POST   /api/v1/punch-sources/{a_source}/permissions             401     403   403   ok    ok
POST   /api/v1/punch-sources/test                               401     403   403   ok    ok

# --- Channels, deliveries, inbox
GET    /api/v1/channels                                         401     ok    ok    ok    ok
GET    /api/v1/channels/kinds                                   401     ok    ok    ok    ok
GET    /api/v1/channels/web-push-key                            401     ok    ok    ok    ok
POST   /api/v1/channels                                         401     404   403   ok    ok
POST   /api/v1/channels/test                                    401     404   403   ok    ok
GET    /api/v1/channels/{bobs_channel}                          401     404   ok    404   404
PATCH  /api/v1/channels/{bobs_channel}                          401     404   ok    404   404
DELETE /api/v1/channels/{bobs_channel}                          401     404   ok    404   404
POST   /api/v1/channels/{bobs_channel}/test                     401     404   ok    404   404
GET    /api/v1/channels/{team_channel}                          401     404   404   ok    ok
PATCH  /api/v1/channels/{team_channel}                          401     404   404   ok    ok
DELETE /api/v1/channels/{team_channel}                          401     404   404   ok    ok
GET    /api/v1/templates                                        401     403   403   ok    ok
GET    /api/v1/templates/variables                              401     403   403   ok    ok
POST   /api/v1/templates/preview                                401     403   403   ok    ok
PUT    /api/v1/templates/{team_a}/{stage}                       401     403   403   ok    ok
DELETE /api/v1/templates/{team_a}/{stage}                       401     403   403   ok    ok
GET    /api/v1/deliveries                                       401     ok    ok    ok    ok
GET    /api/v1/deliveries/{bobs_delivery}                       401     404   ok    ok    ok
POST   /api/v1/deliveries/{bobs_delivery}/retry                 401     404   ok    403   403
GET    /api/v1/inbox                                            401     ok    ok    ok    ok
POST   /api/v1/inbox/{bobs_message}/read                        401     404   ok    404   404

# --- The whole
GET    /api/v1/dashboard                                        401     ok    ok    ok    ok
GET    /api/v1/dashboard/people                                 401     403   403   ok    ok
GET    /api/v1/events                                           401     ok    ok    ok    ok
GET    /api/v1/scheduler                                        401     403   403   ok    ok
POST   /api/v1/scheduler/pause                                  401     403   403   403   ok
POST   /api/v1/scheduler/resume                                 401     403   403   403   ok
GET    /api/v1/chat-connections                                 401     403   403   403   ok
GET    /api/v1/channels/{bobs_channel}/taps/{bobs_delivery}     401     404   ok    404   404
GET    /api/v1/doctor                                           401     403   403   403   ok
GET    /api/v1/doctor/phone                                     401     403   403   403   ok
POST   /api/v1/doctor/release                                   401     403   403   403   ok
GET    /api/v1/backups                                          401     403   403   403   ok
POST   /api/v1/backups                                          401     403   403   403   ok
POST   /api/v1/backups/{no_backup}/file                         401     403   403   403   403
GET    /api/v1/audit                                            401     403   403   403   ok
GET    /api/v1/audit/export                                     401     403   403   403   ok
"""

PEOPLE = ("anonymous", "charlie", "bob", "alice", "root")

SPAN = {"from": "2026-11-23", "to": "2026-11-29"}
NEW = {"username": "dora", "display_name": "多拉", "team_id": "{team_a}"}
PASSWORD = {"password": "a long passphrase"}
OWN = {"current_password": "correct horse battery"}
WRONG = {"current_password": "not the password"}
CELL = {"user_id": "{bob}", "date": "2026-11-24", "shift_id": "{a_shift}"}
SHIFT = {"name": "新班", "code": "新", "periods": [{"start": "09:00", "end": "17:00"}], "team_id": "{team_a}"}
URL = {"url": "https://hooks.example.com/x"}
SOURCE = {**URL, "value_path": "data.{kind}"}

QUERIES = {
    "GET /api/v1/doctor": {"origin": "http://localhost", "now": "2026-11-23T00:00:00Z"},
    "GET /api/v1/templates": {"team_id": "{team_a}"},
    "GET /api/v1/roster": {**SPAN, "team_id": "{team_a}"},
    "GET /api/v1/roster/changes": {"since": "0"},
    "GET /api/v1/roster/drafts": {**SPAN, "team_id": "{team_a}"},
    "GET /api/v1/roster/drafts/warnings": {**SPAN, "team_id": "{team_a}"},
    "GET /api/v1/roster/proposals": {"team_id": "{team_a}"},
    "GET /api/v1/roster/work-terms": {"team_id": "{team_a}"},
    "GET /api/v1/wishes": SPAN,
    "PUT /api/v1/wish-call": {"team_id": "{team_a}"},
    "DELETE /api/v1/wish-call": {"team_id": "{team_a}"},
    "GET /api/v1/roster/export": SPAN,
    "GET /api/v1/roster/import/words": {"team_id": "{team_a}"},
    "DELETE /api/v1/roster/import/words": {"team_id": "{team_a}"},
    "GET /api/v1/roster/report": {**SPAN, "team_id": "{team_a}"},
    "GET /api/v1/roster/report/export": {**SPAN, "team_id": "{team_a}"},
    "GET /api/v1/roster/notes": {**SPAN, "team_id": "{team_a}"},
    "GET /api/v1/roster/candidates": {"date": "2026-12-01", "shift_id": "{a_shift}", "team_id": "{team_a}"},
    "GET /api/v1/roster/history": {"date": "2026-12-01", "user_id": "{bob}"},
    "GET /api/v1/roster/synced": {"team_id": "{team_a}"},
    "GET /api/v1/roster/coverage": {"team_id": "{team_a}"},
    "PUT /api/v1/roster/coverage": {"team_id": "{team_a}"},
    "GET /api/v1/reminders/explain": {"user_id": "{bob}", "date": "2026-11-23"},
}
BODIES = {
    "POST /api/v1/setup": {"username": "mallory", **PASSWORD},
    "POST /api/v1/auth/second-factor": {"second_factor_token": "forged", "code": "123456"},
    "POST /api/v1/auth/refresh": {"refresh_token": "forged"},
    "POST /api/v1/auth/password-link/check": {"token": "forged"},
    "POST /api/v1/auth/password-link": {"token": "forged", **PASSWORD},
    "PATCH /api/v1/me": {"display_name": "新名"},
    "POST /api/v1/me/password": {**WRONG, "new_password": "a long passphrase"},
    "POST /api/v1/me/second-factor": WRONG,
    "POST /api/v1/me/second-factor/confirm": {"code": "123456"},
    "POST /api/v1/me/second-factor/off": WRONG,
    "POST /api/v1/me/connections/{a_way}": WRONG,
    "POST /api/v1/me/tokens": {"name": "t", "scopes": ["roster:read"], **OWN},
    "POST /api/v1/me/ical": OWN,
    "POST /api/v1/me/chats/code": OWN,
    "POST /api/v1/backups": OWN,
    "POST /api/v1/users": {**NEW, **PASSWORD},
    "POST /api/v1/users/invite": NEW,
    "PATCH /api/v1/users/{bob}": {"display_name": "王波"},
    "PATCH /api/v1/users/{alice}": {"display_name": "爱丽"},
    "PATCH /api/v1/users/{root}": {"display_name": "根"},
    "POST /api/v1/users/{bob}/moves": {"team_id": "{team_a}", "from_date": "2027-02-01"},
    "POST /api/v1/users/{bob}/erase": {"username": "bob"},
    "POST /api/v1/teams": {"name": "新班组"},
    "PATCH /api/v1/teams/{team_a}": {"name": "甲班"},
    "PUT /api/v1/teams/{team_a}/planners": {"user_ids": ["{alice}"]},
    "POST /api/v1/shifts": SHIFT,
    "PATCH /api/v1/shifts/{a_shift}": {"name": "早早班"},
    "PUT /api/v1/roster/notes": {"user_id": "{bob}", "date": "2026-12-01", "text": "x"},
    "PUT /api/v1/roster": {"assignments": [CELL]},
    "POST /api/v1/roster/actions/{no_action}/undo": {},
    "POST /api/v1/roster/actions/{no_action}/redo": {},
    "PUT /api/v1/roster/drafts": {"team_id": "{team_a}", "uses_drafts": False},
    "POST /api/v1/roster/drafts/publish": {"team_id": "{team_a}", **SPAN, "revision": 2_000_000_000},
    "POST /api/v1/roster/drafts/discard": {"team_id": "{team_a}", **SPAN},
    "POST /api/v1/roster/proposals": {"team_id": "{team_a}", **SPAN},
    "POST /api/v1/roster/proposals/{no_action}/apply": {},
    "PUT /api/v1/roster/work-terms/{bob}": {"most_days": 5},
    "PUT /api/v1/wishes/{a_day}": {"kind": "free"},
    "PUT /api/v1/wish-call": {**SPAN, "closes_on": "2026-12-01"},
    "POST /api/v1/roster/fill": {"cycle": ["{a_shift}", None], "user_ids": ["{bob}"], **SPAN},
    "POST /api/v1/roster/copy": {"user_ids": ["{bob}"], **SPAN, "onto": "2026-12-07"},
    "POST /api/v1/roster/patterns": {"name": "做二休二", "cycle": ["{a_shift}", None], "team_id": "{team_a}"},
    "PATCH /api/v1/roster/patterns/{a_pattern}": {"name": "做一休一"},
    "PUT /api/v1/roster/coverage": {"needs": []},
    "PUT /api/v1/calendar/{year}": {"days": {"2026-11-30": {"kind": "holiday", "name": "厂庆"}}},
    "POST /api/v1/calendar/import": {"2027": {}},
    "POST /api/v1/leaves": {"user_id": "{bob}", "from": "2026-12-10"},
    "POST /api/v1/open-shifts": {"team_id": "{team_a}", "date": "2026-12-20", "shift_id": "{a_shift}"},
    "POST /api/v1/swaps": {"with_user_id": "{dan}", "date": "2026-11-23"},
    "POST /api/v1/punches": {"user_id": "{bob}", "kind": "clock_in"},
    "POST /api/v1/punch-sources": {
        "name": "s",
        "kind": "json_url",
        "team_id": "{team_a}",
        "config": {**URL, "value_path": "data.{kind}"},
    },
    "PATCH /api/v1/punch-sources/{a_source}": {"name": "新表"},
    "POST /api/v1/punch-sources/{a_source}/test": {},
    "POST /api/v1/punch-sources/{a_source}/roster/preview": {},
    "POST /api/v1/punch-sources/{a_source}/roster/pull": {},
    "PUT /api/v1/punch-sources/{a_source}/roster/direction": {"direction": "off"},
    "POST /api/v1/punch-sources/{a_source}/roster/push/preview": {"from": "2026-11-23", "to": "2026-11-24"},
    "POST /api/v1/punch-sources/{a_source}/roster/push": {"from": "2026-11-23", "to": "2026-11-24", "token": "0"},
    "POST /api/v1/punch-sources/{a_source}/people/preview": {},
    "POST /api/v1/punch-sources/{a_source}/people": {},
    "POST /api/v1/punch-sources/test": {
        "kind": "json_url",
        "team_id": "{team_a}",
        "config": {**URL, "value_path": "data.{kind}"},
    },
    "POST /api/v1/channels": {"name": "群", "kind": "webhook", "team_id": "{team_a}", "config": URL},
    "POST /api/v1/channels/test": {"name": "群", "kind": "inbox", "team_id": "{team_a}"},
    "POST /api/v1/templates/preview": {"stage": "clock_in_before"},
    "PUT /api/v1/templates/{team_a}/{stage}": {"variants": [{"title": "该打卡了", "line": "{name} {time}"}]},
    "PATCH /api/v1/channels/{bobs_channel}": {"name": "新名"},
    "PATCH /api/v1/channels/{team_channel}": {"name": "新名"},
    "POST /api/v1/backups/{no_backup}/file": WRONG,
}
FORMS = {
    "POST /api/v1/auth/token": {"username": "bob", "password": "not the password"},
    "POST /a/{no_link}": {"action": "ack"},
}
