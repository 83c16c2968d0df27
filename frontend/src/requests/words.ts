import { createTranslator, type Words } from "../i18n";

export const words = {
  take_leave: ["请假", "Take leave"],
  enter_leave: ["登记请假", "Enter leave"],
  ask_swap: ["换班", "Swap shifts"],
  to_all: ["全部请假和换班", "All leave and swaps"],

  waiting: ["等你处理", "Waiting for you"],
  mine_waiting: ["等别人处理", "Waiting for others"],
  leaves: ["请假和跳过", "Leave and skipped days"],
  swaps: ["换班", "Swaps"],
  no_requests: ["没有请假，也没有换班", "No leave and no swaps"],
  no_requests_text: [
    "请假或与同事换班从这里开始。请假期间不提醒打卡，班次保留在排班表上。",
    "Take leave or swap shifts with a colleague from here. During leave nothing is reminded; the shifts stay on the roster.",
  ],
  no_leaves: ["从今天起无人请假。", "Nobody is on leave from today on."],
  no_leaves_mine: ["从今天起没有请假。", "No leave from today on."],
  no_swaps: ["没有换班。", "No swaps."],
  earlier: ["以前的", "Earlier ones"],
  from_today: ["只看今天及以后", "Only from today on"],

  "leave.kind": ["请假", "Leave"],
  "skip.kind": ["跳过提醒", "Skipped"],
  "half.whole": ["整天", "Whole day"],
  "half.clock_in": ["免上班打卡", "No clock-in"],
  "half.clock_out": ["免下班打卡", "No clock-out"],
  "leave.cancel": ["取消请假", "Cancel leave"],
  "skip.cancel": ["恢复提醒", "Remind again"],
  cancel_named: ["{action}：{who} {when}", "{action}: {who} {when}"],
  "leave.cancelled": ["已取消，这几天照常提醒。", "Cancelled. Reminders are sent as usual on these days."],
  "leave.by_planner": [
    "由排班员登记；如需取消，请联系排班员。",
    "Entered by a planner. Ask them to cancel it.",
  ],
  days: ["{n} 天", "{n} day | {n} days"],
  "today.leave": ["今天请假，不提醒打卡。", "On leave today; no reminders."],
  "today.leave_in": ["今天请假，不提醒上班打卡。", "On leave today; no clock-in reminders."],
  "today.leave_out": ["今天请假，不提醒下班打卡。", "On leave today; no clock-out reminders."],
  "today.skip": ["今天已跳过，不再提醒。", "Today is skipped; no more reminders."],
  "today.skip_in": ["今天的上班打卡已跳过。", "Today's clock-in is skipped."],
  "today.skip_out": ["今天的下班打卡已跳过。", "Today's clock-out is skipped."],

  "leave.who": ["成员", "Who"],
  "leave.me": ["我自己", "Myself"],
  "leave.from": ["从", "From"],
  "leave.to": ["到（含）", "To (inclusive)"],
  "leave.half": ["免哪次打卡", "Which punch to skip"],
  "leave.reason": ["原因（选填）", "Reason (optional)"],
  "leave.reason_hint": ["只有你和排班员能看到。", "Only you and your planners see it."],
  "leave.send_for": ["登记", "Enter"],
  "leave.noted": ["已登记：{who}{when}请假，不提醒打卡。", "Saved: {who} on leave, {when}. No reminders."],
  "leave.noted_instead": [
    "已登记：{who}{when}请假，不提醒打卡；原来的半天假已并入。",
    "Saved: {who} on leave, {when}. No reminders; it includes the earlier half-day leave.",
  ],
  "leave.bad_span": ["结束日期不能早于开始日期。", "The last day must not be before the first."],
  "leave.too_long": ["一次最多 400 天。", "At most 400 days at a time."],
  me: ["我", "you"],

  "swap.day": ["哪一天", "Which day"],
  "swap.with": ["和谁换", "With"],
  "swap.choose": ["请选择", "Choose"],
  "swap.colleague": ["{name} · {shift}", "{name} · {shift}"],
  "swap.nobody": ["班组里没有其他同事。", "There are no other colleagues in your team."],
  "swap.with_return": ["另换一天还班", "Swap another day in return"],
  "swap.return_day": ["还班日期", "Day in return"],
  "swap.mine": ["我", "Me"],
  "swap.mine_is": ["我：{shift}", "Me: {shift}"],
  "swap.reason": ["留言（选填）", "Message (optional)"],
  "swap.reason_hint": ["对方和排班员能看到。", "Your colleague and the planners see it."],
  "swap.send": ["发给{name}", "Send to {name}"],
  "swap.send_nobody": ["发出", "Send"],
  "swap.sent": [
    "已发给{name}。对方同意、排班员批准后生效。",
    "Sent to {name}. It takes effect once they agree and a planner approves.",
  ],
  "swap.same": [
    "这一天两人的班次相同，无需换班。",
    "You both have the same shift on this day; nothing to swap.",
  ],
  "swap.steps": [
    "对方先同意，排班员再批准，然后排班表和提醒随之更新。",
    "Your colleague agrees, then a planner approves; then the roster and the reminders change.",
  ],

  "swap.asks_you": ["{name}想和你换班", "{name} wants to swap with you"],
  "swap.you_ask": ["你想和{name}换班", "You want to swap with {name}"],
  "swap.they_ask": ["{name}想和{other}换班", "{name} wants to swap with {other}"],
  "swap.day_line": ["{a}：{before} → {after}", "{a}: {before} → {after}"],
  "state.asked": ["等{name}答复", "Waiting for {name}"],
  "state.asked_you": ["等你答复", "Waiting for you"],
  "state.accepted": ["{name}已同意，等排班员批准", "{name} agreed; waiting for a planner"],
  "state.accepted_mine": ["你已同意，等排班员批准", "You agreed; waiting for a planner"],
  "state.approved": ["已换好", "Swapped"],
  "state.declined": ["未换班", "Not swapped"],
  "state.withdrawn": ["已撤回", "Withdrawn"],
  "step.accept": ["同意", "Agree"],
  "step.decline": ["拒绝", "Decline"],
  "step.approve": ["批准", "Approve"],
  "step.refuse": ["不批准", "Reject"],
  "step.withdraw": ["撤回", "Withdraw"],
  step_named: ["{step}：{what}", "{step}: {what}"],
  "did.accept": ["已同意，等排班员批准。", "Agreed. A planner decides next."],
  "did.decline": ["已拒绝，班次不变。", "Not swapped; the shifts stay."],
  "did.withdraw": ["已撤回，班次不变。", "Withdrawn; the shifts stay."],
  "did.approve": ["已换班，提醒也已更新。", "Swapped; the reminders follow."],
  no_shift: ["没有排班", "no shift"],
  gone_shift: ["已删除的班次", "a deleted shift"],

  "errors.leave_overlaps": [
    "这几天里已有请假。请先取消，或修改日期。",
    "There is already leave on some of these days. Cancel it first, or change the days.",
  ],
  overlaps: [
    "已有请假：{when}。请先取消，或修改日期。",
    "There is already leave: {when}. Cancel it first, or change the days.",
  ],
  overlaps_planned: [
    "排班员已登记请假：{when}。请联系排班员，或修改日期。",
    "A planner entered leave: {when}. Ask them to change it, or change the days.",
  ],
  "errors.leave_not_found": [
    "这次请假已不存在，可能刚被取消。",
    "This leave no longer exists; it may just have been cancelled.",
  ],
  "errors.set_by_planner": [
    "由排班员登记；如需取消，请联系排班员。",
    "Entered by a planner. Ask them to cancel it.",
  ],
  "errors.not_a_colleague": [
    "只能与同一班组的同事换班。",
    "You can only swap with colleagues of your own team.",
  ],
  "errors.day_is_over": ["过去的日子不能换班。", "Past days cannot be swapped."],
  "errors.nothing_to_swap": [
    "这一天两人的班次相同，无需换班。",
    "You both have the same shift on this day; nothing to swap.",
  ],
  "errors.swap_open": [
    "其中一天已有未处理的换班，请等它结束。",
    "One of these days is already in an open swap. Wait until it is decided.",
  ],
  "errors.swap_not_found": ["这个换班已不存在。", "This swap no longer exists."],
  "errors.not_your_step": ["这一步由别人处理。", "Someone else decides this."],
  "errors.swap_closed": ["这个换班已经处理完。", "This swap has already been decided."],
  "errors.swap_not_accepted": ["对方还没有同意。", "Your colleague has not agreed yet."],
  "errors.swap_outdated": [
    "排班在此之后有改动，不能按原样换班。请重新提出。",
    "The roster has changed since, so this swap no longer fits. Ask again.",
  ],
} satisfies Words;

export const t = createTranslator(words);

/** Problems of leave and swaps in the reader's language; null for all others. */
export const requestErrorText = (code: string) =>
  `errors.${code}` in words ? t(`errors.${code}` as keyof typeof words) : null;
