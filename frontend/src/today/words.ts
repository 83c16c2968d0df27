import { createTranslator } from "../i18n";

export const zh = {
  title: "还差几步，提醒就会发出",
  text: "做完这几步，到点就会提醒。",
  done: "已做",
  to_do: "待做",
  "step.shift": "建一个班次",
  "text.shift": "几点上班、几点下班、怎样提醒。",
  "step.people": "添加成员",
  "text.people": "只提醒自己的话，可以跳过。",
  "step.channel": "接上通知渠道",
  "text.channel": "比如钉钉群机器人，接好后发一条试试。没有渠道，提醒只留在这一页。",
  "step.roster": "排班",
  "text.roster": "先点班次，再点谁哪一天上这个班。",
};

export const en: Record<keyof typeof zh, string> = {
  title: "A few steps to the first reminder",
  text: "Then reminders come by themselves.",
  done: "Done",
  to_do: "To do",
  "step.shift": "Make a shift",
  "text.shift": "When work starts and ends, and how to remind.",
  "step.people": "Add people",
  "text.people": "Skip this if you remind only yourself.",
  "step.channel": "Connect a channel",
  "text.channel": "A DingTalk group robot, say; then send a test. Without one, reminders stay on this page.",
  "step.roster": "Plan the roster",
  "text.roster": "Pick a shift, then the days of whoever works it.",
};

export const t = createTranslator(zh, en);
