"""The main job from outside, through whatever stands in front: set-up, sign-in, roster, a reminder, live events.

    python tests/deploy/smoke.py http://127.0.0.1:8080            on a fresh installation
    python tests/deploy/smoke.py http://127.0.0.1:8080 --again    after a restart: is everything still there?

Only the standard library, so that it runs on any machine that has an image to try.
"""

import argparse
import json
import re
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

USERNAME = "smoke"
PASSWORD = "only for a moment 4711"
SHANGHAI = timedelta(hours=8)

# An operator's HTTP_PROXY is not meant for the machine itself.
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


class Client:
    """JSON over HTTP with one person's token."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        self.token = ""

    def request(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> Any:
        asked = urllib.request.Request(self.address + path, body, headers or {}, method=method)
        if self.token:
            asked.add_header("Authorization", f"Bearer {self.token}")
        return _open(asked, timeout=60)

    def json(self, method: str, path: str, content: Any = None) -> Any:
        body = None if content is None else json.dumps(content).encode()
        try:
            with self.request(method, path, headers={"Content-Type": "application/json"}, body=body) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{method} {path}: {error.code} {error.read().decode(errors='replace')}") from error

    def sign_in(self, username: str = USERNAME) -> None:
        form = urllib.parse.urlencode({"username": username, "password": PASSWORD}).encode()
        with self.request("POST", "/api/v1/auth/token", body=form) as answer:
            self.token = json.load(answer)["access_token"]


def wait_for(what: str, found: Callable[[], Any], seconds: float) -> Any:
    """The first true answer, or the end of the smoke test."""
    until = time.monotonic() + seconds
    last: object = None
    while time.monotonic() < until:
        try:
            if answer := found():
                return answer
        except (OSError, ValueError) as error:
            last = error
        time.sleep(0.2)
    raise SystemExit(f"waited {seconds:.0f} s in vain for {what}" + (f": {last}" if last else ""))


def said(sentence: str) -> None:
    print(f"  ok  {sentence}", flush=True)


def check_web_app(client: Client) -> None:
    with client.request("GET", "/") as answer:
        page = answer.read().decode()
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"], "one header, once"
    script = re.search(r'src="(/assets/[^"]+\.js)"', page)
    assert script, "the page names its script"
    with client.request("GET", script[1], headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "immutable" in answer.headers["Cache-Control"]
    with client.request("GET", "/roster?from=2026-12-01") as answer:
        assert answer.read().decode() == page
    said("the web app is there, compressed, cached for good, also at its pages' addresses")


def listen(client: Client, heard: dict[str, float]) -> None:
    """Note when each kind of event came in first."""

    def read() -> None:
        with client.request("GET", "/api/v1/events", headers={"Accept": "text/event-stream"}) as stream:
            heard["open"] = time.monotonic()
            for line in stream:
                if line.startswith(b"event: "):
                    heard.setdefault(line[7:].decode().strip(), time.monotonic())

    threading.Thread(target=read, daemon=True).start()
    wait_for("the event stream", lambda: "open" in heard, 30)


def plan_a_reminder(client: Client, user_id: int) -> None:
    """A shift of today whose clock-in window is open already, so that its reminder goes out at once."""
    start = datetime.now(UTC) + SHANGHAI + timedelta(minutes=5)
    shift = client.json(
        "POST",
        "/api/v1/shifts",
        {
            "name": f"Smoke {user_id}",
            "code": f"{user_id:02d}"[-2:],
            "periods": [{"start": f"{start:%H:%M}", "end": f"{start + timedelta(hours=8):%H:%M}"}],
        },
    )
    change = {"assignments": [{"user_id": user_id, "date": f"{start:%Y-%m-%d}", "shift_id": shift["id"]}]}
    assert client.json("PUT", "/api/v1/roster", change)["changed"] == 1


def remind(client: Client, person: Client) -> dict[str, Any]:
    """The message that comes to a person when they are planned."""
    started = time.monotonic()
    plan_a_reminder(client, int(person.json("GET", "/api/v1/me")["id"]))
    message: dict[str, Any] = wait_for("the reminder", lambda: inbox(person), 60)[0]
    said(f"a reminder came {time.monotonic() - started:.1f} s after the shift was planned")
    return message


def inbox(client: Client) -> list[dict[str, Any]]:
    """Its messages, the newest first."""
    messages: list[dict[str, Any]] = client.json("GET", "/api/v1/inbox")["items"]
    return messages


def check_one_tap_page(client: Client) -> None:
    """A link that never was gets the app's own page, with the page's own policy and nothing doubled."""
    try:
        answer = Client(client.address).request("GET", "/a/never-was")
    except urllib.error.HTTPError as error:
        answer = error
    policies = answer.headers.get_all("Content-Security-Policy")
    assert policies is not None, "the page has a policy"
    assert len(policies) == 1, "and only its own"
    assert policies[0].startswith("default-src 'none'"), policies
    assert "链接已失效" in answer.read().decode()
    answer.close()


def first_run(client: Client) -> None:
    assert client.json("GET", "/api/v1/setup") == {"needed": True}, "this needs a fresh installation"
    client.json("POST", "/api/v1/setup", {"username": USERNAME, "password": PASSWORD})
    client.sign_in()
    said("set up and signed in")

    client.json("POST", "/api/v1/channels", {"name": "Inbox", "kind": "inbox", "config": {}})
    heard: dict[str, float] = {}
    listen(client, heard)
    message = remind(client, client)
    wait_for("its live event", lambda: "inbox" in heard or "delivery" in heard, 10)
    said("and live events passed through, not held back")

    check_one_tap_page(client)
    [reminder_id] = message["reminder_ids"]
    assert client.json("POST", f"/api/v1/reminders/{reminder_id}/ack")["status"] == "acknowledged"
    said("acknowledged, and the one-tap page keeps its own headers")


def after_restart(client: Client) -> None:
    client.sign_in()
    assert inbox(client), "the messages are still there"
    shifts = client.json("GET", "/api/v1/shifts")["items"]
    assert shifts, "the shifts are still there"
    said("signed in again; everything is still there")
    username = f"{USERNAME}{len(shifts)}"
    client.json("POST", "/api/v1/users", {"username": username, "password": PASSWORD, "display_name": username})
    person = Client(client.address)
    person.sign_in(username)
    remind(client, person)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", help="where the web app is")
    parser.add_argument(
        "--again", action="store_true", help="after a restart of the installation that was tried before"
    )
    parser.add_argument("--wait", type=float, default=120, metavar="SECONDS", help="for the server to be healthy")
    asked = parser.parse_args()
    client = Client(asked.address)
    started = time.monotonic()
    health = wait_for("a healthy server", lambda: json.load(client.request("GET", "/api/health")), asked.wait)
    said(f"healthy after {time.monotonic() - started:.1f} s, version {health['version']}")
    check_web_app(client)
    (after_restart if asked.again else first_run)(client)


if __name__ == "__main__":
    sys.exit(main())
