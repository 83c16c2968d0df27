"""People's ids at vendors (`dingtalk_userid` and the like), kept in their profiles: found by mobile number, or entered.

An id is one person's. Where two accounts had the same, one's punch would end the reminders of both, and a message to one would
reach the other. So an id that another active account has is refused wherever it is entered, if the same systems are asked about
both: those of one team, and of teams that share a punch source. Two companies on one server may give out the same ids.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.database import advisory_lock
from daka.errors import Conflict
from daka.hooks import teams_asked_together
from daka.identity.access import Principal
from daka.identity.models import MAY_SIGN_IN, User
from daka.languages import Words

VENDORS: dict[str, Words] = {
    "dingtalk_userid": ("钉钉 userid", "DingTalk userid"),
    "wecom_userid": ("企业微信 userid", "WeCom userid"),
    "feishu_userid": ("飞书 user_id", "Feishu user_id"),
}
IDS_LOCK = 0x69647331
"""Advisory lock that serialises entering ids, so that two requests cannot enter the same one."""


async def alone_with_ids(session: AsyncSession) -> None:
    """Until the transaction ends nobody else enters ids; what is read from now on stays true."""
    await advisory_lock(session, IDS_LOCK)


async def ids_at(session: AsyncSession, field: str, user_ids: Collection[int] | None = None) -> dict[int, str]:
    """The ids in a field of the profile, by user id: of everybody, or of these people."""
    column = getattr(User, field)
    asked = select(User.id, column).where(column.is_not(None))
    if user_ids is not None:
        asked = asked.where(User.id.in_(user_ids))
    return {user_id: userid for user_id, userid in await session.exec(asked) if userid}


async def keep_ids(session: AsyncSession, field: str, found: Mapping[int, str]) -> None:
    """Store ids (by user id) of people who have none. One that is somebody else's as well is not stored."""
    if not found:
        return
    people = list(await session.exec(select(User).where(User.id.in_(found))))
    taken = await TakenIds.read(session, [{field: userid} for userid in found.values()])
    column = getattr(User, field)
    for user in sorted(people, key=lambda each: each.id):
        userid = found[user.id][:64]
        if taken.holder(field, userid, user.team_id, but=user.id) is None:
            taken.take(field, userid, Holder(user.id, user.team_id, user))
            unset = sa.update(User).where(User.id == user.id, column.is_(None))
            await session.exec(unset.values({column: userid}), execution_options={"synchronize_session": False})


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose an id is."""

    id: int
    team_id: int | None
    user: User | None = None
    """None: somebody who is about to be added."""


class TakenIds:
    """Which active accounts have certain ids. Capital letters make no difference, as at WeCom."""

    def __init__(self, together: Mapping[int | None, Collection[int | None]]) -> None:
        self._together = together
        self._holders: dict[tuple[str, str], list[Holder]] = {}

    @classmethod
    async def read(cls, session: AsyncSession, people: Iterable[Mapping[str, object]]) -> "TakenIds":
        """About all ids of these profiles. Until the transaction ends, nobody else enters ids."""
        wanted: dict[str, set[str]] = {}
        for profile in people:
            for field in VENDORS:
                if isinstance(userid := profile.get(field), str) and userid:
                    wanted.setdefault(field, set()).add(userid.lower())
        if not wanted:
            return cls({})
        await alone_with_ids(session)
        taken = cls(await teams_asked_together(session))
        for field, ids in wanted.items():
            column = getattr(User, field)
            for user in await session.exec(select(User).where(sa.func.lower(column).in_(ids), MAY_SIGN_IN)):
                taken.take(field, getattr(user, field), Holder(user.id, user.team_id, user))
        return taken

    def take(self, field: str, userid: str, by: Holder) -> None:
        """From now on this id is this person's as well."""
        self._holders.setdefault((field, userid.lower()), []).append(by)

    def holder(self, field: str, userid: str, team_id: int | None, *, but: int | None = None) -> Holder | None:
        """Another account that has the id, and is of this team or one of which the same systems are asked."""
        together = self._together.get(team_id, (team_id,))
        of_id = self._holders.get((field, userid.lower()), ())
        return next((found for found in of_id if found.id != but and found.team_id in together), None)


async def doubled_ids(session: AsyncSession) -> list[tuple[str, str, list[User]]]:
    """Ids that several active accounts have for whom the same systems are asked: the field, the id, and these people."""
    together = await teams_asked_together(session)
    found = []
    for field in VENDORS:
        column = sa.func.lower(getattr(User, field))
        several = select(column).where(column != "", MAY_SIGN_IN).group_by(column).having(sa.func.count() > 1)
        holders: dict[str, list[User]] = {}
        for user in await session.exec(select(User).where(column.in_(several), MAY_SIGN_IN).order_by(User.id)):
            holders.setdefault(getattr(user, field).lower(), []).append(user)
        for users in holders.values():
            others = [{user.team_id for user in users if user is not each} for each in users]
            shared = [
                each
                for each, teams in zip(users, others, strict=True)
                if teams & set(together.get(each.team_id, (each.team_id,)))
            ]
            if shared:
                found.append((field, str(getattr(shared[0], field)), shared))
    return found


async def refuse_taken_ids(
    session: AsyncSession,
    by: Principal | None,
    profile: Mapping[str, object],
    team_id: int | None,
    *,
    but: int | None = None,
) -> None:
    """Raise Conflict if an id of this profile is that of another account. `but` is the person whose profile it is."""
    taken = await TakenIds.read(session, [profile])
    for field, words in VENDORS.items():
        userid = profile.get(field)
        if isinstance(userid, str) and userid and (holder := taken.holder(field, userid, team_id, but=but)) is not None:
            raise _taken(shown_to(by, holder.user), field, words)


def shown_to(by: Principal | None, holder: User | None) -> User | None:
    """The holder of an id, if the user may see them."""
    return holder if by is not None and holder is not None and by.sees_user(holder) else None


def _taken(holder: User | None, field: str, words: Words) -> Conflict:
    """The refusal. It names the other person to those who may see them."""
    zh, en = words
    whose_zh, whose_en = (f"{holder.display_name}的", f"{holder.display_name}'s") if holder else ("别人的", "taken")
    text = {
        "zh": f"这个{zh} 已经是{whose_zh}。一个 userid 只能属于一个人，否则一人打卡，两个人的提醒都会停。",
        "en": f"This {en} is {whose_en} already. Each belongs to one person; else one's punch would end the reminders of both.",
    }
    problem = {"loc": ["body", field], "code": "userid_taken", "msg": text["en"], "text": text}
    return Conflict("userid_taken", text["en"], errors=[problem])
