"""Punches that vendors tell of by themselves, within seconds.

DingTalk's `attendance_check_record` and Feishu's `attendance.user_flow.created_v1` have no check type and no verdict, so they end
nothing: the reminder they can only belong to is put off for a moment, and the check before that moment confirms the punch or lets
the reminder go out. Feishu's `attendance.user_task.updated_v1` names the point and ends its reminder. Addresses and devices are
not read.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.change_events import Topic
from daka.database import Database
from daka.identity.access import publish_about
from daka.identity.models import MAY_SIGN_IN, User
from daka.reminders.models import Reminder
from daka.reminders.punch_records import record_punch
from daka.reminders.punches.attendance import moment_of
from daka.reminders.punches.check_batches import points_of_reminders
from daka.reminders.punches.dingtalk import CLOCK_SKEW, DingTalkAttendance
from daka.reminders.punches.feishu import FeishuAttendance
from daka.reminders.punches.feishu_events import SettledPoint
from daka.reminders.punches.models import PunchSource
from daka.reminders.punches.results import PersonField
from daka.reminders.punches.serving import enabled_sources, sources_for
from daka.reminders.states import OPEN
from daka.reminders.steps import snoozed, snoozed_evaluation
from daka.reminders.transitions import window_of
from daka.vendors.replies import number_of

EVENT = "attendance_check_record"
HOLD = timedelta(minutes=3)
"""How long a reminder waits for the check that confirms the punch. Records show it within two and a half minutes."""
MOST_PEOPLE = 40
"""Two punches on 22 days are 44 events a person. The free edition pushes 3,000 a month, taps included: more people are polled."""
LONGEST_USERID = 64


@dataclass(frozen=True, slots=True)
class PunchEvent:
    userid: str
    at: datetime
    is_by_user: bool


def read_punch_events(data: Mapping[str, Any]) -> list[PunchEvent]:
    """The punches in the data of an event: a list, or one by itself."""
    rows = data.get("dataList", data.get("DataList"))
    found = []
    for row in rows if isinstance(rows, list) else [data]:
        userid, at = (row.get("userId"), number_of(row.get("checkTime"))) if isinstance(row, dict) else (None, None)
        if not isinstance(userid, str) or not 0 < len(userid) <= LONGEST_USERID or at is None:
            continue
        if (moment := moment_of(at, 1000)) is not None:
            found.append(PunchEvent(userid, moment, str(row.get("checkByUser")).lower() == "true"))
    return found


async def people_with_userid(database: Database) -> int:
    async with database.read() as session:
        there = (User.dingtalk_userid.is_not(None), MAY_SIGN_IN)
        return (await session.exec(select(func.count()).select_from(User).where(*there))).one()


@dataclass(frozen=True, slots=True)
class Teller:
    """Whose events they are."""

    kind: str
    """The kind of punch source with the same app: it serves the people whom the events are about."""
    app_setting: str
    field: PersonField
    """Where the people's ids are."""

    def serves(self, sources: Iterable[PunchSource], user: User, app: str) -> bool:
        return any(
            source.kind == self.kind and source.config.get(self.app_setting) == app
            for source in sources_for(sources, user.id, user.team_id)
        )

    async def people(self, session: AsyncSession, app: str, userids: Collection[str]) -> dict[int, str]:
        """The people with these ids whom a source of this app serves: their ids by user id.

        Without those who share one: nobody says whose it is.
        """
        column = getattr(User, self.field)
        found = list(await session.exec(select(User).where(column.in_(userids), MAY_SIGN_IN)))
        sources = await enabled_sources(session) if found else []
        served = {user.id: getattr(user, self.field) for user in found if self.serves(sources, user, app)}
        owners = Counter(served.values())
        return {user_id: userid for user_id, userid in served.items() if owners[userid] == 1}


DINGTALK = Teller(DingTalkAttendance.name, "app_key", PersonField.DINGTALK_USERID)
FEISHU = Teller(FeishuAttendance.name, "app_id", PersonField.FEISHU_USERID)


async def put_off(database: Database, teller: Teller, app: str, punches: Iterable[PunchEvent]) -> None:
    """Put off the one open reminder to which each punch can only belong, of people whom a source of this app serves."""
    now = clock.now()
    fresh = {punch.userid: punch for punch in punches if punch.is_by_user and now - HOLD < punch.at < now + CLOCK_SKEW}
    if not fresh:
        return
    async with database.write() as session:
        people = await teller.people(session, app, fresh)
        rows = await _open_reminders(session, people, Reminder.opens_at <= now)
        points = await points_of_reminders(session, rows)
        fitting: dict[int, list[tuple[Reminder, User, PunchEvent]]] = {}
        for reminder, user in rows:
            punch = fresh[people[user.id]]
            if points[reminder.id].counts(punch.at):
                fitting.setdefault(user.id, []).append((reminder, user, punch))
        for found in fitting.values():
            if len(found) != 1:
                continue
            reminder, user, punch = found[0]
            window = window_of(reminder)
            back_at = snoozed(window, now, punch.at + HOLD - now)
            if back_at is None or reminder.next_due_at is None or back_at <= reminder.next_due_at:
                continue
            reminder.snoozed_until = back_at
            reminder.next_due_at = snoozed_evaluation(window, back_at, escalated=reminder.escalated_at is not None)
            reminder.updated_at = now
            publish_about(session, Topic.REMINDER, user)


async def end_settled(database: Database, app: str, settled: Iterable[SettledPoint]) -> None:
    """End the open reminders of the points that Feishu says are punched, of people whom a source of this app serves.

    A result of another date than the reminder's ends nothing: of a group in another time zone, the next check tells.
    """
    now = clock.now()
    by_person: dict[str, list[SettledPoint]] = {}
    for point in settled:
        by_person.setdefault(point.userid, []).append(point)
    if not by_person:
        return
    async with database.write() as session:
        people = await FEISHU.people(session, app, by_person)
        rows = await _open_reminders(session, people)
        points = await points_of_reminders(session, rows)
        for reminder, user in rows:
            is_told = any(
                (each.day, each.kind, each.period) == (reminder.work_date, reminder.kind, reminder.period)
                and points[reminder.id].counts_from <= now
                and (each.is_by_office or points[reminder.id].counts(now))
                for each in by_person[people[user.id]]
            )
            if is_told:
                await record_punch(
                    session,
                    user,
                    reminder.kind,
                    at=now,
                    work_date=reminder.work_date,
                    period=reminder.period,
                    source=FEISHU.kind,
                )


async def _open_reminders(session: AsyncSession, user_ids: Collection[int], *where: Any) -> list[tuple[Reminder, User]]:
    """The reminders of these people, locked."""
    asked = (
        select(Reminder, User)
        .join(User, User.id == Reminder.user_id)
        .where(
            User.id.in_(user_ids),
            Reminder.status.in_(OPEN),
            *where,
        )
        .order_by(Reminder.id)
        .with_for_update(of=Reminder)
    )
    return list(await session.exec(asked))
