"""Any URL that returns JSON: one response per person, or one for everybody."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Self
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, SecretStr, StringConstraints, model_validator

from daka.outbound.config import revealed, setting
from daka.outbound.requests import HttpRequest
from daka.reminders.punches.kind import SourceConfig, SourceKind, SourceSession, document, person_setting
from daka.reminders.punches.paths import MISSING, filled, filled_path, found_at, parsed_path, placeholders
from daka.reminders.punches.results import (
    CheckResults,
    PersonField,
    Point,
    is_same_person,
    meaning_of_value,
    name_in_source,
    unknown,
)
from daka.shifts.times import PunchKind

PERSON_PLACEHOLDERS = frozenset(PersonField)
PLACEHOLDERS = PERSON_PLACEHOLDERS | {"work_date", "kind", "period"}


def _is_path(text: str) -> str:
    parsed_path(text)
    if odd := placeholders(text) - PLACEHOLDERS:
        raise ValueError(f"unknown placeholder {{{min(odd)}}}; there are {', '.join(sorted(PLACEHOLDERS))}")
    return text


def _web_address(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value().strip()
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError as error:
        raise ValueError("is not an address") from error
    if parts.scheme not in ("https", "http") or not host:
        raise ValueError("must be an https:// address")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("must not carry a login or a fragment")
    if "{" in parts.netloc:
        raise ValueError("the host must not have placeholders")
    if odd := placeholders(text) - PLACEHOLDERS:
        raise ValueError(f"unknown placeholder {{{min(odd)}}}; there are {', '.join(sorted(PLACEHOLDERS))}")
    return SecretStr(text)


JsonPath = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300), AfterValidator(_is_path)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class JsonUrlConfig(SourceConfig):
    url: Annotated[SecretStr, AfterValidator(_web_address)] = setting(
        title=("地址", "Address"),
        about=(
            "可用占位符 {username} {display_name} {mobile} {dingtalk_userid} {work_date} {kind} {period}",
            "May contain {username} {display_name} {mobile} {dingtalk_userid} {work_date} {kind} {period}",
        ),
        example="https://door.example/today?day={work_date}",
        max_length=2048,
    )
    authorization: SecretStr | None = setting(
        None,
        title=("Authorization", "Authorization"),
        about=(
            "Authorization 请求头的完整内容，例如 Bearer …",
            "The whole value of the Authorization header, such as Bearer …",
        ),
        max_length=1000,
    )
    people_path: JsonPath | None = setting(
        None,
        title=("人员列表的路径", "Path to the people"),
        about=(
            "一次返回所有人时填写：列表或对象所在的路径，例如 data.people",
            "If one response is for everybody: the path to the list or object, such as data.people",
        ),
    )
    person_path: JsonPath | None = setting(
        None,
        title=("人员的路径", "Path to the person"),
        about=(
            "列表的一行里识别人员的字段，例如 userid",
            "The field of a row that identifies the person, such as userid",
        ),
    )
    person_by: PersonField = setting(PersonField.USERNAME, title=("识别人员的方式", "People are identified by"))
    value_path: JsonPath = setting(
        title=("状态的路径", "Path to the state"),
        about=(
            "例如 data.{kind}；有人员列表时从该行算起",
            "Such as data.{kind}; relative to the person's row if there is a list",
        ),
    )
    clock_in_word: Word = setting(
        "clock_in", title=("上班的写法", "Word for clock-in"), about=("{kind} 代表的词", "What {kind} stands for")
    )
    clock_out_word: Word = setting(
        "clock_out", title=("下班的写法", "Word for clock-out"), about=("{kind} 代表的词", "What {kind} stands for")
    )
    punched_values: tuple[Word, ...] = setting(
        ("true", "1"),
        title=("已打卡的值", "Values for punched"),
        about=("不在两组值里的值都算未知", "Values in neither list are unknown"),
        min_length=1,
        max_length=20,
    )
    not_punched_values: tuple[Word, ...] = setting(
        ("false", "0"), title=("未打卡的值", "Values for not punched"), max_length=20
    )
    user_id: int | None = person_setting(
        about=("地址里没有人员时填写", "Needed if the address does not identify a person")
    )

    @model_validator(mode="after")
    def _answers_are_distinct(self) -> Self:
        named = placeholders(revealed(self.url)) | placeholders(self.value_path) | placeholders(self.people_path or "")
        if "kind" not in named or self.clock_in_word == self.clock_out_word:
            raise ValueError("{kind} must be in the address or in value_path, or one answer would settle both punches")
        if (self.people_path is None) != (self.person_path is None):
            raise ValueError("people_path and person_path belong together")
        if set(self.punched_values) & set(self.not_punched_values):
            raise ValueError("a value cannot mean both punched and not punched")
        return self


def values_of(point: Point, config: JsonUrlConfig) -> dict[str, str]:
    """The values of the placeholders, without those that are not on file for the person."""
    people = {field.value: name for field in PersonField if (name := name_in_source(point, field))}
    word = config.clock_in_word if point.kind is PunchKind.CLOCK_IN else config.clock_out_word
    return {**people, "work_date": point.work_date.isoformat(), "kind": word, "period": str(point.period)}


def address_for(config: JsonUrlConfig, values: Mapping[str, str]) -> str | None:
    """The URL for this person, None if a placeholder has no value."""
    template = revealed(config.url)
    if placeholders(template) - set(values):
        return None
    return filled(template, {name: quote(value, safe="") for name, value in values.items()})


def json_results(found: Any, points: Sequence[Point], config: JsonUrlConfig) -> CheckResults:
    results: CheckResults = {}
    for point in points:
        values = values_of(point, config)
        place = found
        if config.people_path is not None:
            place = _row_of(found, point, config, values)
        if place is MISSING:
            results[point.reminder_id] = unknown("person_not_found")
            continue
        value = found_at(place, filled_path(parsed_path(config.value_path), values))
        results[point.reminder_id] = meaning_of_value(
            value, punched=config.punched_values, not_punched=config.not_punched_values
        )
    return results


def _row_of(found: Any, point: Point, config: JsonUrlConfig, values: Mapping[str, str]) -> Any:
    """The one row of the person. Two rows are ambiguous and count as none."""
    name = name_in_source(point, config.person_by)
    people = found_at(found, filled_path(parsed_path(config.people_path or ""), values))
    if isinstance(people, dict):
        people = list(people.values())
    if name is None or not isinstance(people, list):
        return MISSING
    path = filled_path(parsed_path(config.person_path or ""), values)
    mine = [row for row in people if is_same_person(found_at(row, path), name, config.person_by)]
    return mine[0] if len(mine) == 1 else MISSING


class JsonUrl(SourceKind[JsonUrlConfig]):
    name: ClassVar[str] = "json_url"
    labels: ClassVar[dict[str, str]] = {"zh": "JSON 地址", "en": "JSON address"}

    def account(self, config: JsonUrlConfig) -> str:
        return f"{revealed(config.url)}\n{revealed(config.authorization)}"

    def names_people(self, config: JsonUrlConfig) -> bool:
        return bool(self.identified_by(config))

    def identified_by(self, config: JsonUrlConfig) -> tuple[PersonField, ...]:
        paths = (revealed(config.url), config.value_path, config.people_path or "", config.person_path or "")
        named = {
            *(each for path in paths for each in placeholders(path)),
            *([config.person_by] if config.people_path else ()),
        }
        return tuple(field for field in PersonField if field in named)

    def chunks(self, config: JsonUrlConfig, points: Sequence[Point]) -> list[Sequence[Point]]:
        by_address: dict[str | None, list[Point]] = {}
        for point in points:
            by_address.setdefault(address_for(config, values_of(point, config)), []).append(point)
        return list(by_address.values())

    async def ask(self, session: SourceSession[JsonUrlConfig], points: Sequence[Point]) -> CheckResults:
        config = session.config
        address = address_for(config, values_of(points[0], config))
        if address is None:
            return {point.reminder_id: unknown("person_not_known") for point in points}
        headers = {"Accept": "application/json"}
        if config.authorization:
            headers["Authorization"] = revealed(config.authorization)
        answer = await session.send(HttpRequest(address, method="GET", headers=headers))
        return json_results(document(answer), points, config)
