import { createTranslator, type Words } from "../i18n";

export const words = {
  "preview.lead": [
    "如果之前没有人打卡，将发出以下消息。",
    "If nobody punches first, these messages will be sent.",
  ],
  "preview.from": ["起始时刻", "Starting at"],
  "preview.now": ["回到现在", "Back to now"],
  "preview.days": ["天数", "Days"],
  "preview.days_n": ["{n} 天", "{n} day | {n} days"],
  "preview.empty": ["这段时间里没有要发的消息", "No messages in this period"],
  "preview.empty_text": [
    "排好班之后，将要发出的每条消息都会列在这里。",
    "Once the roster is planned, every message to be sent is listed here.",
  ],
  "preview.to_roster": ["去排班", "To the roster"],
  "preview.cut": [
    "消息太多，只列出前面的。减少天数可以看全。",
    "Too many messages to list. Choose fewer days to see all of them.",
  ],
  "preview.message": ["{occasion} · {kind} · {way}", "{occasion} · {kind} · {way}"],
  "preview.more": ["还有 {n} 人", "{n} more | {n} more"],
  "preview.count": ["每次 {n} 条", "{n} message each time | {n} messages each time"],
  "preview.again": ["再次 {times}", "again {times}"],
  "preview.own": ["本人的{kind}", "their own {kind}"],
  personal_channel: ["个人渠道", "Personal channel"],
  "preview.of": ["{name}（{owner}）", "{name} ({owner})"],
  "why.back": ["返回", "Back"],
  "why.of": ["{name} · {date} · {day}", "{name} · {date} · {day}"],
  "why.roster_set": ["{who} 排了{after}", "{who} planned {after}"],
  "why.roster_changed": ["{who} 把{before}改成{after}", "{who} changed {before} to {after}"],
  "why.roster_cleared": ["{who} 取消了{before}", "{who} removed {before}"],
  "why.draft": [
    "{who} 在草稿里改成{after}，还没有发布，提醒不按草稿",
    "{who} made it {after} in the draft, which is not published: reminders do not follow it",
  ],
  "why.draft_blank": ["空", "blank"],
  "why.somebody": ["系统", "The system"],
  "why.policy_user": ["使用本人的提醒方式", "Uses this person's own policy"],
  "why.policy_shift": ["使用班次的提醒方式", "Uses the shift's policy"],
  "why.policy_team": ["使用班组的提醒方式", "Uses the team's policy"],
  "why.policy_default": ["使用默认的提醒方式", "Uses the default policy"],
  "why.steps": ["提醒时刻", "Reminder times"],
  "why.step_escalate": ["上报", "escalation"],
  "why.no_deliveries": ["没有发出消息。", "No message was sent."],
  "why.absence_leave": ["请假 {from}–{to}", "On leave {from}–{to}"],
  "why.absence_skip": ["跳过 {from}", "Skipped {from}"],
  "why.punch": ["{time} 有打卡记录（{source}）", "Punched at {time} ({source})"],
  "why.missing": ["查看谁的哪一天？", "Which person, and which day?"],
  "why.missing_text": [
    "请在今天、日历或记录里点「为什么？」。",
    "Choose “Why?” on Today, in the calendar or in the log.",
  ],
  "why.day_workday": ["工作日", "workday"],
  "why.day_weekend": ["周末", "weekend"],
  "why.day_holiday": ["休 {name}", "holiday {name}"],
  "why.day_makeup_workday": ["班 {name}", "make-up day {name}"],
  "why.checks": ["打卡数据源的回答", "Answers of the punch sources"],
  "why.asked": ["{time} 查询", "asked {time}"],
  "why.unreadable_user": [
    "本人的提醒方式已损坏，读不出来。请重新保存一次。",
    "This person's policy is damaged and cannot be read. Save it again.",
  ],
  "why.unreadable_shift": [
    "班次的提醒方式已损坏，读不出来。请打开班次重新保存一次。",
    "The shift's policy is damaged and cannot be read. Open the shift and save it again.",
  ],
  "why.unreadable_team": [
    "班组的提醒方式已损坏，读不出来。请重新保存一次。",
    "The team's policy is damaged and cannot be read. Save it again.",
  ],
} satisfies Words;

export type Word = keyof typeof words;
export const t = createTranslator(words);
