"""Texts of the notices about leave and swaps. Pure."""

from collections.abc import Iterable

from daka.hooks import PersonalNotice
from daka.identity.models import User
from daka.roster.notices.messages import plain_date
from daka.roster.requests.models import Absence, Swap, SwapStatus, leave_type_name
from daka.shifts.times import PunchKind

PUNCHES = {PunchKind.CLOCK_IN: "的上班打卡", PunchKind.CLOCK_OUT: "的下班打卡", None: ""}


def leave_notice(leave: Absence, by: User, *, is_deleted: bool) -> PersonalNotice:
    """To a person whose leave somebody else entered or deleted."""
    first, last = plain_date(leave.first_date), plain_date(leave.last_date)
    days = (first if leave.first_date == leave.last_date else f"{first}至{last}") + PUNCHES[leave.punch_kind]
    title, effect = ("请假已取消", "照常提醒打卡") if is_deleted else ("已登记请假", "不会提醒打卡")
    kind = leave_type_name(leave.leave_type)
    what = f"取消了你的{kind}" if is_deleted else f"为你登记了{kind}"
    return PersonalNotice(
        frozenset({leave.user_id}), title, f"{by.display_name}{what}：{days}，{effect}。", None, by.id
    )


def swap_notice(swap: Swap, people: dict[int, User], by: User, *, was_accepted: bool = False) -> PersonalNotice:
    """To the people concerned by the state that a swap has reached; planners once they had it before them."""
    names = {user_id: people[user_id].display_name if user_id in people else "" for user_id in _pair(swap)}
    days = "、".join(plain_date(day) for day in (swap.work_date, swap.return_date) if day is not None)
    what = f"{names[swap.user_id]}和{names[swap.with_user_id]}换班：{days}"
    pair, planned_team = frozenset(_pair(swap)), swap.team_id if was_accepted else None
    match swap.status:
        case SwapStatus.ASKED:
            text = f"{what}。请在「今天」里同意或不换。"
            return PersonalNotice(frozenset({swap.with_user_id}), "有人想和你换班", text, None, by.id)
        case SwapStatus.ACCEPTED:
            return PersonalNotice(pair, "换班待批准", f"{what}。双方已同意，等排班员批准。", swap.team_id, by.id)
        case SwapStatus.APPROVED:
            return PersonalNotice(pair, "换班已批准", f"{what}。排班表已经换好。", None, by.id)
        case SwapStatus.DECLINED:
            return PersonalNotice(
                pair, "换班没有成", f"{what}。{by.display_name}没有同意，排班不变。", planned_team, by.id
            )
        case SwapStatus.WITHDRAWN:
            return PersonalNotice(
                pair, "换班已撤回", f"{what}。{by.display_name}撤回了请求，排班不变。", planned_team, by.id
            )


def _pair(swap: Swap) -> Iterable[int]:
    return swap.user_id, swap.with_user_id
