import { createTranslator } from "../i18n";

export const zh = {
  title: "还差几步，提醒就会发出",
  text: "做完这几步，到点就会提醒。",
  done: "已完成",
  to_do: "待完成",
  "step.shift": "新建班次",
  "text.shift": "几点上班、几点下班、怎样提醒。",
  "step.people": "添加成员",
  "text.people": "如果只提醒自己，可以跳过。",
  "step.channel": "添加通知渠道",
  "text.channel": "比如钉钉群机器人，添加后发送测试。没有渠道时，提醒只留在这一页。",
  "step.roster": "排班",
  "text.roster": "先选班次，再点成员和日期。",
};

export const en: Record<keyof typeof zh, string> = {
  title: "A few steps to the first reminder",
  text: "Then reminders are sent on time.",
  done: "Done",
  to_do: "To do",
  "step.shift": "Create a shift",
  "text.shift": "When work starts and ends, and how to remind.",
  "step.people": "Add people",
  "text.people": "Skip this if you only remind yourself.",
  "step.channel": "Add a channel",
  "text.channel":
    "For example a DingTalk group robot; then send a test. Without one, reminders stay on this page.",
  "step.roster": "Plan the roster",
  "text.roster": "Choose a shift, then the people and days.",
};

export const t = createTranslator(zh, en);
