import { speaker } from "../i18n";

export const zh = {
  title: "还差几步，提醒就会发出",
  text: "做完的会打上点；到点就会有第一条提醒。",
  done: "已做",
  to_do: "待做",
  shift: "建一个班次",
  shift_text: "几点上班、几点下班、怎样提醒。",
  people: "添加成员",
  people_text: "只提醒自己的话，可以跳过。",
  channel: "接上通知渠道",
  channel_text: "比如钉钉群机器人，接好后发一条试试。没有渠道，提醒只留在这一页。",
  roster: "排班",
  roster_text: "先点班次，再点谁哪一天上这个班。",
};

export const en: Record<keyof typeof zh, string> = {
  title: "A few steps to the first reminder",
  text: "What is done gets a dot; the first reminder then comes by itself.",
  done: "Done",
  to_do: "To do",
  shift: "Make a shift",
  shift_text: "When work starts and ends, and how to remind.",
  people: "Add people",
  people_text: "Skip this if you remind only yourself.",
  channel: "Connect a channel",
  channel_text: "A DingTalk group robot, say; then send a test. Without one, reminders stay on this page.",
  roster: "Plan the roster",
  roster_text: "Pick a shift, then the days of whoever works it.",
};

export const word = speaker(zh, en);
