"""Texts of the notices about leave, swaps and open shifts. Pure."""

from collections.abc import Iterable

from daka.hooks import PersonalNotice
from daka.identity.models import User
from daka.languages import Language, Words, date_in, said
from daka.roster.requests.models import Absence, OpenShift, Swap, SwapStatus, leave_type_name
from daka.shifts.models import Shift
from daka.shifts.times import PunchKind

PUNCHES: dict[PunchKind | None, Words] = {
    PunchKind.CLOCK_IN: ("的上班打卡", " (clock in only)"),
    PunchKind.CLOCK_OUT: ("的下班打卡", " (clock out only)"),
    None: ("", ""),
}
SWAP_TITLES: dict[SwapStatus, Words] = {
    SwapStatus.ASKED: ("有人想和你换班", "Somebody asks you for a swap"),
    SwapStatus.ACCEPTED: ("换班待批准", "A swap waits for approval"),
    SwapStatus.APPROVED: ("换班已批准", "The swap is approved"),
    SwapStatus.DECLINED: ("换班没有成功", "The swap was declined"),
    SwapStatus.WITHDRAWN: ("换班已撤回", "The swap was withdrawn"),
}
SWAP_TEXTS: dict[SwapStatus, Words] = {
    SwapStatus.ASKED: ("请在「今天」里同意或不换。", "Accept or decline it on Today."),
    SwapStatus.ACCEPTED: ("双方已同意，等排班员批准。", "Both agree; a planner has to approve it."),
    SwapStatus.APPROVED: ("排班表已经换好。", "The roster is changed."),
    SwapStatus.DECLINED: ("{by}没有同意，排班不变。", "{by} declined it; the roster stays as it is."),
    SwapStatus.WITHDRAWN: ("{by}撤回了请求，排班不变。", "{by} withdrew it; the roster stays as it is."),
}

OPEN_SHIFT_WORDS: dict[str, tuple[Words, Words]] = {
    "offer": (
        ("有空缺班次", "A shift is open"),
        (
            "{what}缺人。想上请在「今天」里点「我来上」，排班员批准后生效。",
            "{what} needs somebody. Take it on Today; it counts once a planner approves it.",
        ),
    ),
    "take": (
        ("有人愿意上空缺班次", "Somebody takes an open shift"),
        ("{who}愿意上{what}，等排班员批准。", "{who} takes {what}; a planner has to approve it."),
    ),
    "give_back": (
        ("空缺班次被退回", "An open shift was given back"),
        ("{who}不上{what}了，排班不变。", "{who} gave back {what}; the roster stays as it is."),
    ),
    "approve": (
        ("空缺班次已排给你", "The open shift is yours"),
        ("{by}批准你上{what}，已排进排班表。", "{by} approved that you work {what}; the roster is changed."),
    ),
    "decline": (
        ("空缺班次没有排给你", "The open shift was not given to you"),
        ("{by}没有批准你上{what}，排班不变。", "{by} did not approve that you work {what}; the roster stays as it is."),
    ),
    "withdraw": (
        ("空缺班次已取消", "The open shift was withdrawn"),
        ("{by}取消了{what}，排班不变。", "{by} withdrew {what}; the roster stays as it is."),
    ),
}
"""Title and text of what has just happened to an open shift."""


def leave_notice(leave: Absence, by: User, *, is_deleted: bool) -> PersonalNotice:
    """To a person whose leave somebody else entered or deleted."""
    texts = {language: _leave_words(leave, by, language, is_deleted=is_deleted) for language in Language}
    return PersonalNotice(frozenset({leave.user_id}), texts, None, by.id)


def _leave_words(leave: Absence, by: User, language: Language, *, is_deleted: bool) -> tuple[str, str]:
    first, last = date_in(leave.first_date, language), date_in(leave.last_date, language)
    span = first if leave.first_date == leave.last_date else said((f"{first}至{last}", f"{first} to {last}"), language)
    days, kind = span + said(PUNCHES[leave.punch_kind], language), leave_type_name(leave.leave_type, language)
    who = by.display_name
    if is_deleted:
        title: Words = ("请假已取消", "Leave cancelled")
        text: Words = (
            f"{who}取消了你的{kind}：{days}，照常提醒打卡。",
            f"{who} cancelled your leave ({kind}): {days}. You are reminded as usual.",
        )
    else:
        title = ("已登记请假", "Leave entered")
        text = (
            f"{who}为你登记了{kind}：{days}，不会提醒打卡。",
            f"{who} entered leave for you ({kind}): {days}. You are not reminded.",
        )
    return said(title, language), said(text, language)


def swap_notice(swap: Swap, people: dict[int, User], by: User, *, was_accepted: bool = False) -> PersonalNotice:
    """To the people concerned by the state that a swap has reached; planners once they had it before them."""
    texts = {language: _swap_words(swap, people, by, language) for language in Language}
    asked = frozenset({swap.with_user_id}) if swap.status is SwapStatus.ASKED else frozenset(_pair(swap))
    match swap.status:
        case SwapStatus.ACCEPTED:
            planned_team: int | None = swap.team_id
        case SwapStatus.DECLINED | SwapStatus.WITHDRAWN if was_accepted:
            planned_team = swap.team_id
        case _:
            planned_team = None
    return PersonalNotice(asked, texts, planned_team, by.id)


def _swap_words(swap: Swap, people: dict[int, User], by: User, language: Language) -> tuple[str, str]:
    one, other = (people[user_id].display_name if user_id in people else "" for user_id in _pair(swap))
    days = said(("、", ", "), language).join(
        date_in(day, language) for day in (swap.work_date, swap.return_date) if day is not None
    )
    what = said((f"{one}和{other}换班：{days}。", f"{one} and {other} swap shifts: {days}. "), language)
    return said(SWAP_TITLES[swap.status], language), what + said(SWAP_TEXTS[swap.status], language).format(
        by=by.display_name
    )


def _pair(swap: Swap) -> Iterable[int]:
    return swap.user_id, swap.with_user_id


def open_shift_notice(
    open_shift: OpenShift, shift: Shift | None, taker: User | None, by: User, step: str, whom: frozenset[int]
) -> PersonalNotice:
    """To these people, and to planners if they have to decide, or had to."""
    title, text = OPEN_SHIFT_WORDS[step]
    texts = {
        language: (
            said(title, language),
            said(text, language).format(
                what=f"{date_in(open_shift.work_date, language)} {shift.name if shift else ''}".strip(),
                who=taker.display_name if taker else "",
                by=by.display_name,
            ),
        )
        for language in Language
    }
    planned_team = open_shift.team_id if step in ("take", "give_back") else None
    return PersonalNotice(whom, texts, planned_team, by.id)
