"""金山文档 AirScript, as the older system asks it: `CHECK_URL` and `API_TOKEN` of the environment.

`POST {"Context":{"argv":{"message":"A1"}}}` (A1 for clock-in, A2 for clock-out) with the header `AirScript-Token`. The answer's
`data.result` is an object or a JSON string with the key 打卡检测. The script's table has one person's state and does not identify
the person, so it can serve one person only.
"""

import json
from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import SecretStr

from daka.outbound.bodies import json_bytes
from daka.outbound.config import revealed, setting
from daka.outbound.requests import HttpRequest
from daka.reminders.punches.kind import SourceConfig, SourceKind, SourceSession, document, person_setting
from daka.reminders.punches.results import (
    CheckResult,
    CheckResults,
    PersonField,
    Point,
    SourceError,
    meaning_of_cell,
    unknown,
)
from daka.shifts.times import PunchKind
from daka.vendors.replies import object_of

KEY = "打卡检测"
MESSAGES = {PunchKind.CLOCK_IN: "A1", PunchKind.CLOCK_OUT: "A2"}


class AirScriptConfig(SourceConfig):
    url: SecretStr = setting(title=("CHECK_URL", "CHECK_URL"), max_length=2048)
    token: SecretStr | None = setting(None, title=("API_TOKEN", "API_TOKEN"), max_length=500)
    user_id: int | None = person_setting(
        about=("脚本的表格只有一个人的状态，选择是谁", "The person whose state the script's table has")
    )


def airscript_body(kind: PunchKind) -> dict[str, Any]:
    """The request's body, exactly as the older system sends it."""
    return {"Context": {"argv": {"message": MESSAGES[kind]}}}


def airscript_result(found: Any) -> CheckResult:
    """The result in a script's response. Raises SourceError: the script failed, or this is not a script's response."""
    if not isinstance(found, dict):
        raise SourceError.passing("not_airscript", "the response is not a script's", hint="not_json")
    if error := found.get("error"):
        raise SourceError.passing("script_failed", _first_line(error), hint="script_failed")
    result = object_of(found, "data").get("result")
    if isinstance(result, str):
        try:
            result = json.loads(result)
        except (ValueError, RecursionError):
            return unknown("odd_value")
    if not isinstance(result, dict):
        return unknown("no_value")
    return meaning_of_cell(result.get(KEY))


def _first_line(error: Any) -> str:
    return str(error).strip().partition("\n")[0][:200]


class AirScript(SourceKind[AirScriptConfig]):
    name: ClassVar[str] = "airscript"
    labels: ClassVar[dict[str, str]] = {"zh": "金山文档 AirScript（环境变量）", "en": "Kdocs AirScript (environment)"}

    def account(self, config: AirScriptConfig) -> str:
        return f"{revealed(config.url)}\n{revealed(config.token)}"

    def names_people(self, config: AirScriptConfig) -> bool:
        return False

    def identified_by(self, config: AirScriptConfig) -> tuple[PersonField, ...]:
        return ()

    def chunks(self, config: AirScriptConfig, points: Sequence[Point]) -> list[Sequence[Point]]:
        return [mine for kind in PunchKind if (mine := [point for point in points if point.kind is kind])]

    async def ask(self, session: SourceSession[AirScriptConfig], points: Sequence[Point]) -> CheckResults:
        headers = {"Content-Type": "application/json"}
        if session.config.token:
            headers["AirScript-Token"] = revealed(session.config.token)
        # The operator set the address, so the guard for people's own addresses does not apply.
        body = json_bytes(airscript_body(points[0].kind))
        answer = await session.send(HttpRequest(revealed(session.config.url), body, headers, is_trusted=True))
        result = airscript_result(document(answer))
        return {point.reminder_id: result for point in points}
