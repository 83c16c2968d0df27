"""Teams' message templates (see `templates`)."""

from datetime import timedelta
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.delivery.channels.registry import CHOOSABLE, KINDS
from daka.delivery.messages import Mention, MessageContent, ReminderLine, render
from daka.delivery.models import MessageTemplate, Occasion
from daka.delivery.schemas import TemplatePreview, TemplatePreviewAsk, TemplateRead, TemplateWrite, VariantBody
from daka.delivery.templates import BUILT_IN, Stage, Variant, problem_with
from daka.errors import Invalid, NotFound
from daka.identity.access import Principal, refuse_foreign_team
from daka.languages import Language
from daka.settings import Settings
from daka.shifts.times import PunchKind

EXAMPLE_PEOPLE = (("张三", "李四", "王五"), ("Alice", "Bob", "Carol"))


async def list_templates(session: AsyncSession, team_id: int, by: Principal) -> list[TemplateRead]:
    """A team's templates, by stage."""
    await refuse_foreign_team(session, by, team_id)
    asked = (
        select(MessageTemplate)
        .where(MessageTemplate.team_id == team_id)
        .order_by(MessageTemplate.stage, MessageTemplate.language)
    )
    return [TemplateRead.model_validate(row.model_dump()) for row in await session.exec(asked)]


async def write_template(
    session: AsyncSession, team_id: int, stage: Stage, language: Language, change: TemplateWrite, by: Principal
) -> TemplateRead:
    """Set a stage's template in one language. Raises Invalid: a variable that does not exist, or a brace that is not closed."""
    await refuse_foreign_team(session, by, team_id)
    for index, variant in enumerate(change.variants):
        _refuse_bad_template(variant, ("body", "variants", index))
    key: dict[str, Any] = {"team_id": team_id, "stage": stage, "language": language}
    row = await session.get(MessageTemplate, key) or MessageTemplate(**key, variants=[])
    row.variants = [variant.model_dump() for variant in change.variants]
    session.add(row)
    return TemplateRead(**key, variants=change.variants)


async def delete_template(session: AsyncSession, team_id: int, stage: Stage, language: Language, by: Principal) -> None:
    await refuse_foreign_team(session, by, team_id)
    if (row := await session.get(MessageTemplate, (team_id, stage, language))) is None:
        raise NotFound("template_not_found", "The team has no template for this stage in this language")
    await session.delete(row)


def _refuse_bad_template(variant: VariantBody, loc: tuple[str | int, ...]) -> None:
    for name, text in (("title", variant.title), ("line", variant.line)):
        if (problem := problem_with(text)) is not None:
            code, reason = problem
            raise Invalid(code, reason, loc=(*loc, name))


def template_preview(ask: TemplatePreviewAsk, settings: Settings) -> TemplatePreview:
    """A message to made-up people, as a kind with made-up settings would send it."""
    if ask.kind not in CHOOSABLE:
        raise Invalid("unknown_kind", f"There is no kind {ask.kind!r}", loc=("body", "kind"))
    if ask.variant is not None:
        _refuse_bad_template(ask.variant, ("body", "variant"))
    now = clock.now().replace(second=0, microsecond=0)
    kind = PunchKind.CLOCK_OUT if ask.stage.value.startswith("clock_out") else PunchKind.CLOCK_IN
    point_at = now + timedelta(minutes=10 if ask.stage.value.endswith("before") else -5)
    lines = tuple(
        ReminderLine(
            reminder_id=number,
            user_id=number,
            name=name,
            mobile=f"1380000000{number}",
            dingtalk_userid=f"user{number}",
            work_date=now.astimezone(settings.zone).date(),
            kind=kind,
            point_at=point_at,
            ends_at=point_at + timedelta(minutes=15),
            shift_name="早班",
            zone=settings.timezone,
            team_id=1,
        )
        for number, name in enumerate(EXAMPLE_PEOPLE[ask.language is Language.ENGLISH][: ask.people], 1)
    )
    occasion = Occasion.ESCALATION if ask.stage is Stage.ESCALATION else Occasion.REMINDER
    rendered = render(
        MessageContent(occasion=occasion, lines=lines),
        key="daka-preview",
        due_at=now,
        now=now,
        link_for=lambda _: f"{settings.base_url}/a/…",
        templates={(1, ask.stage, ask.language): (Variant(ask.variant.title, ask.variant.line),)}
        if ask.variant
        else {},
        language=ask.language,
    )
    channel_kind = KINDS[ask.kind]
    built_in = BUILT_IN[ask.stage, ask.language]
    body = channel_kind.preview(channel_kind.parsed(channel_kind.example), rendered)
    return TemplatePreview(
        title=rendered.title,
        paragraphs=list(rendered.paragraphs),
        mentions=[found.name for found in rendered.mentions if _is_mentioned(found, body)],
        buttons=[action.label for action in rendered.actions if action.label in body or f'"{action.url}"' in body],
        template=ask.variant or VariantBody(title=built_in.title, line=built_in.line),
        body=body,
    )


def _is_mentioned(person: Mention, body: str) -> bool:
    """Whether the kind mentions this person by number or userid, not only by name."""
    return any(known is not None and known in body for known in (person.mobile, person.dingtalk_userid))
