"""A team's own words: a safe engine, stages, variants, and a preview of each kind."""

from datetime import timedelta
from typing import Any

import pytest

from conftest import ONE_DATABASE, TODAY, Clock, Workplace
from daka.delivery.channels.registry import CHOOSABLE
from daka.delivery.messages import MessageContent, RenderedMessage, render, stage_of
from daka.delivery.models import Occasion
from daka.delivery.templates import LONGEST_LINE, LONGEST_TITLE, VARIABLES, Stage, Variant, filled
from daka.languages import Language
from daka.shifts.times import PunchKind
from delivery.channels.conftest import AT, line

WORDS = {"title": "{kind}：{names}", "line": "{name} {shift} {time}，{distance}"}


def said(
    *variants: Variant, key: str = "k", at: Any = AT, people: Any = None, occasion: Occasion = Occasion.REMINDER
) -> RenderedMessage:
    lines = people or (line("张三", team_id=7),)
    return render(
        MessageContent(occasion=occasion, lines=lines),
        key=key,
        due_at=at,
        now=at,
        link_for=lambda _: "https://x/a/t",
        templates={(7, stage, Language.CHINESE): variants for stage in Stage},
    )


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{name}", "张三"),
        ("{kind} {time}", "上班打卡 09:00"),
        ("{date} {weekday}", "11月23日 周一"),
        ("{shift}：{distance}", "早班：还有 15 分钟。"),
        ("{minutes}/{count}", "15/1"),
        ("no variables", "no variables"),
    ],
)
def test_variables_are_replaced(template: str, words: str) -> None:
    assert said(Variant("t", template)).paragraphs == (words,)


def test_a_title_speaks_of_everybody_and_each_line_of_one_person() -> None:
    people = tuple(line(f"人{number}", reminder_id=number, team_id=7) for number in range(7))
    found = said(Variant("{count} 人：{names}", "{name}"), people=people)
    assert found.title == "7 人：人0、人1、人2、人3、人4 等 7 人"
    assert found.paragraphs == tuple(f"人{number}" for number in range(7))


@pytest.mark.parametrize(
    "template",
    [
        "{name.__class__}",
        "{name!r}",
        "{0}",
        "{}",
        "{name[0]}",
        "{{7*7}}",
        "{% for x in y %}",
        "{name:>999999999}",
        "{password}",
        "{name",
        "name}",
        "two\nlines",
        " ",
        "x" * (LONGEST_LINE + 1),
    ],
)
@ONE_DATABASE
async def test_anything_but_a_plain_variable_is_refused_beside_its_field(workplace: Workplace, template: str) -> None:
    body = {"variants": [{"title": "t", "line": template}]}
    refused = await workplace.alice.http.put(f"/api/v1/templates/{workplace.team_a}/escalation", json=body)
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert error["loc"] == ["body", "variants", 0, "line"]
    assert error["code"].startswith(("template_", "string_too_"))


def test_what_a_value_contains_is_text_and_nothing_else() -> None:
    people = (line("{password}{name}", team_id=7),)
    assert said(Variant("{name}", "{name}!"), people=people).paragraphs == ("{password}{name}!",)
    assert filled("{name}", {"name": "a\r\nb"}.get, 100) == "a b"


def test_what_comes_out_has_a_length() -> None:
    people = (line("长" * 5000, team_id=7),)
    found = said(Variant("{name}" * 16, "{name}" * 50), people=people)
    assert len(found.title) <= LONGEST_TITLE
    assert len(found.paragraphs[0]) <= LONGEST_LINE


def test_variants_change_from_message_to_message_but_not_between_attempts() -> None:
    variants = [Variant("t", f"variant {number}") for number in range(3)]
    seen = {said(*variants, key=f"key-{number}").paragraphs for number in range(60)}
    assert len(seen) == 3
    assert len({said(*variants, key="the-same").paragraphs for _ in range(20)}) == 1


@pytest.mark.parametrize(
    ("kind", "minutes", "occasion", "stage"),
    [
        (PunchKind.CLOCK_IN, -5, Occasion.REMINDER, Stage.CLOCK_IN_BEFORE),
        (PunchKind.CLOCK_IN, 0, Occasion.REMINDER, Stage.CLOCK_IN_AFTER),
        (PunchKind.CLOCK_OUT, -5, Occasion.REMINDER, Stage.CLOCK_OUT_BEFORE),
        (PunchKind.CLOCK_OUT, 5, Occasion.REMINDER, Stage.CLOCK_OUT_AFTER),
        (PunchKind.CLOCK_OUT, 5, Occasion.ESCALATION, Stage.ESCALATION),
    ],
)
def test_each_moment_has_its_stage(kind: PunchKind, minutes: int, occasion: Occasion, stage: Stage) -> None:
    found = line(kind=kind)
    assert stage_of(occasion, found, found.point_at + timedelta(minutes=minutes)) is stage


def test_people_of_another_team_keep_the_built_in_words() -> None:
    people = (line("张三", team_id=7), line("李四", reminder_id=2, team_id=8), line("王五", reminder_id=3))
    found = said(Variant("t", "own words"), people=people)
    assert found.paragraphs[0] == "own words"
    assert all("还有 15 分钟" in words for words in found.paragraphs[1:])


async def test_a_teams_words_reach_its_people_and_can_be_taken_back(workplace: Workplace, frozen: Clock) -> None:
    path = f"/api/v1/templates/{workplace.team_a}/clock_in_before"
    await workplace.alice.put(path, {"variants": [{"title": "早上好 {name}", "line": "{name}，别忘了打卡（{time}）"}]})
    listed = await workplace.alice.get("/api/v1/templates", team_id=workplace.team_a)
    assert [(found["stage"], found["language"]) for found in listed["items"]] == [("clock_in_before", "zh")]
    shift = {"name": "早班", "code": "早", "periods": [{"start": "09:00", "end": "18:00"}]}
    shift_id = (await workplace.alice.post("/api/v1/shifts", shift))["id"]
    cells = [{"user_id": workplace.bob.id, "date": str(TODAY), "shift_id": shift_id}]
    await workplace.alice.put("/api/v1/roster", {"assignments": cells})
    frozen.forward(minutes=45)
    await workplace.tick()
    message = (await workplace.bob.get("/api/v1/inbox"))["items"][0]
    assert (message["title"], message["text"]) == ("早上好 Bob", "Bob，别忘了打卡（09:00）")
    await workplace.alice.delete(path)
    assert (await workplace.alice.get("/api/v1/templates", team_id=workplace.team_a))["items"] == []
    assert (await workplace.alice.http.delete(path)).status_code == 404


async def test_only_planners_of_a_team_keep_its_words(workplace: Workplace) -> None:
    body = {"variants": [WORDS]}
    for person, team, code in (
        (workplace.bob, workplace.team_a, 403),
        (workplace.charlie, workplace.team_a, 403),
        (workplace.alice, workplace.team_c, 404),
        (workplace.alice, 999, 404),
    ):
        answer = await person.http.put(f"/api/v1/templates/{team}/escalation", json=body)
        assert answer.status_code == code, answer.text
    assert (
        await workplace.root.http.put(f"/api/v1/templates/{workplace.team_c}/escalation", json=body)
    ).status_code == 200


@pytest.mark.parametrize("kind", CHOOSABLE)
@ONE_DATABASE
async def test_each_kind_shows_how_it_would_say_it(workplace: Workplace, kind: str) -> None:
    ask = {"stage": "clock_in_before", "variant": {"title": "T {names}", "line": "L {name}"}, "kind": kind, "people": 2}
    found = await workplace.alice.post("/api/v1/templates/preview", ask)
    assert (found["title"], found["paragraphs"]) == ("T 张三、李四", ["L 张三", "L 李四"])
    assert "L 张三" in found["body"]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("stage", Stage)
@ONE_DATABASE
async def test_own_words_begin_with_the_built_in_ones(workplace: Workplace, stage: Stage, language: Language) -> None:
    ask = {"stage": stage, "language": language}
    built_in = await workplace.alice.post("/api/v1/templates/preview", ask)
    begun = await workplace.alice.post("/api/v1/templates/preview", {**ask, "variant": built_in["template"]})
    assert (begun["title"], begun["paragraphs"]) == (built_in["title"], built_in["paragraphs"])


@pytest.mark.parametrize(
    ("kind", "mentions", "buttons"),
    [
        ("dingtalk_robot", ["张三", "李四"], ["我已打卡"]),
        ("wecom_robot", ["张三", "李四"], ["我已打卡"]),
        ("dingtalk_work_notice", ["张三", "李四"], ["我已打卡"]),
        ("feishu_robot", [], ["我已打卡"]),
        ("bark", [], ["我已打卡"]),
        ("inbox", [], []),
    ],
)
@ONE_DATABASE
async def test_the_preview_says_whom_a_kind_calls_and_which_buttons_it_has(
    workplace: Workplace, kind: str, mentions: list[str], buttons: list[str]
) -> None:
    ask = {"stage": "clock_in_after", "kind": kind, "people": 2}
    found = await workplace.alice.post("/api/v1/templates/preview", ask)
    assert (found["mentions"], found["buttons"]) == (mentions, buttons)


async def test_every_variable_is_explained_in_both_languages(workplace: Workplace) -> None:
    listed = (await workplace.alice.get("/api/v1/templates/variables"))["items"]
    assert [found["name"] for found in listed] == list(VARIABLES)
    assert all(found["meaning"]["zh"] and found["meaning"]["en"] for found in listed)
