import { createTranslator, type Words } from "../i18n";

export const words = {
  none: ["现在不用填意愿", "No wishes are asked for now"],
  none_text: [
    "排班员征集意愿时，会通知你，这里就可以填哪天想休息、想上或不想上哪个班。",
    "When a planner asks for wishes you are told, and can enter free days and shifts that you want or do not want here.",
  ],
  about: [
    "{span}：点一天，填想休息，或者想上、不想上哪个班。排班时尽量照顾，但不能保证。",
    "{span}: tap a day and say whether you would like it off, or a shift or not. The planner tries to follow it, without a promise.",
  ],
  until: ["可以修改到{date}（含）。", "You can change them until {date}, inclusive."],
  closed: ["已在{date}截止，不能再修改。", "Closed on {date}; they can no longer change."],
  count: ["已填 {n} 天，最多 {most} 天。", "Days entered: {n} of {most}."],
  all_used: [
    "已填满 {most} 天。要填这一天，请先取消别的。",
    "No day is left of {most}. Take one back to enter this day.",
  ],
  month: ["{span}的意愿", "Wishes for {span}"],

  "kind.none": ["都可以", "No wish"],
  "kind.free": ["想休息", "Day off"],
  "kind.wanted": ["想上", "Want"],
  "kind.unwanted": ["不想上", "Rather not"],
  which: ["哪个班次", "Which shift"],
  "text.free": ["想休息", "wants the day off"],
  "text.wanted": ["想上{shift}", "wants {shift}"],
  "text.unwanted": ["不想上{shift}", "does not want {shift}"],
  "short.free": ["休", "off"],
  "short.wanted": ["{code}", "{code}"],
  "short.unwanted": ["不{code}", "no {code}"],
  to_wishes: ["填写意愿", "Enter wishes"],
  head: ["排班意愿", "Wishes"],
  open_line: [
    "{span}的班，可以填意愿到{date}（含）。",
    "Wishes for {span} may be entered until {date}, inclusive.",
  ],

  ask_title: ["征集意愿", "Ask for wishes"],
  ask_about: [
    "成员会收到通知，在手机上填写哪天想休息、想上或不想上哪个班。建议排班会尽量照顾；格子左上角的圆圈是没照顾到的意愿，圆点是照顾到的。",
    "People are told, and enter free days and shifts that they want or not on their phones. Proposals try to follow them; in the grid a ring marks a wish that does not hold, a dot one that does.",
  ],
  need_team: ["请先选择一个班组。", "Choose a team first."],
  from: ["从", "From"],
  to: ["到", "To"],
  closes_on: ["截止日（含）", "Last day to answer"],
  most: ["每人最多几天", "Days per person"],
  ask: ["征集", "Ask"],
  change: ["保存修改", "Save"],
  asked: ["已征集，成员会收到通知。", "Asked; people are told."],
  stop: ["停止征集", "Stop asking"],
  stopped: ["已停止征集，已填的意愿保留。", "Stopped. The wishes that were made stay."],
  answers: ["已填的意愿", "Wishes so far"],
  nobody: ["还没有人填写。", "Nobody has entered a wish yet."],
  wish_on: ["{date} {wish}", "{date}: {wish}"],
} satisfies Words;

export const t = createTranslator(words);
