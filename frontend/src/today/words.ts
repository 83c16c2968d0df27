import { createTranslator, type Words } from "../i18n";

export const words = {
  title: ["还差几步，提醒就会发出", "A few steps to the first reminder"],
  text: ["做完这几步，到点就会提醒。", "Then reminders are sent on time."],
  done: ["已完成", "Done"],
  to_do: ["待完成", "To do"],
  "step.shift": ["新建班次", "Create a shift"],
  "text.shift": ["几点上班、几点下班、怎样提醒。", "When work starts and ends, and how to remind."],
  "step.people": ["添加成员", "Add people"],
  "text.people": ["如果只提醒自己，可以跳过。", "Skip this if you only remind yourself."],
  "step.channel": ["添加通知渠道", "Add a channel"],
  "text.channel": [
    "比如钉钉群机器人，添加后发送测试。没有渠道时，提醒只留在这一页。",
    "For example a DingTalk group robot; then send a test. Without one, reminders stay on this page.",
  ],
  "step.roster": ["排班", "Plan the roster"],
  "text.roster": ["先选班次，再点成员和日期。", "Choose a shift, then the people and days."],
} satisfies Words;

export const t = createTranslator(words);
