import { createTranslator, type Words } from "../i18n";

export const words = {
  text: [
    "每个班组可以使用自己的提醒文案；没有设置的使用内置文案。",
    "Each team can have its own wording; otherwise the built-in wording is used.",
  ],
  own: ["自定义", "Custom"],
  own_n: ["自定义，{n} 种", "Custom, {n} variants"],
  built_in: ["内置", "Built-in"],
  no_teams: ["你还没有管理的班组", "You have no team yet"],
  no_teams_text: ["文案按班组设置，请先新建班组。", "Wording belongs to a team. Create one first."],

  "stage.clock_in_before": ["上班前", "Before work"],
  "stage.clock_in_after": ["上班后还没打卡", "After the start, not clocked in"],
  "stage.clock_out_before": ["下班前", "Before the end of work"],
  "stage.clock_out_after": ["下班后还没打卡", "After the end, not clocked out"],
  "stage.escalation": ["上报给班组和排班员", "Escalation to the team and its planners"],

  back: ["全部文案", "All wording"],
  title: ["标题", "Title"],
  title_hint: ["显示在会话列表和手机通知里。", "Shown in chat lists and phone notifications."],
  line: ["每个人一行", "Line per person"],
  line_hint: ["消息涉及几个人，就有几行。", "One line for each person in the message."],
  variant: ["文案 {n}", "Variant {n}"],
  add: ["添加一种文案", "Add a variant"],
  remove: ["删除这一种", "Remove this variant"],
  random: [
    "有多种文案时，每条消息随机使用一种，避免看习惯了不再注意。",
    "With several variants, each message uses one at random, so that it keeps being noticed.",
  ],
  variables: ["变量", "Variables"],
  variables_hint: ["点一下，插入到光标处。", "Press one to insert it at the cursor."],
  insert: ["插入 {name}：{meaning}", "Insert {name}: {meaning}"],
  reset: ["恢复内置文案", "Restore built-in wording"],
  reset_title: ["恢复内置文案？", "Restore the built-in wording?"],
  reset_text: [
    "自定义的 {n} 种文案将被删除。",
    "Your {n} variant will be deleted. | Your {n} variants will be deleted.",
  ],
  saved: ["已保存，下一条消息开始使用。", "Saved; used from the next message on."],
  reset_done: ["已恢复内置文案。", "The built-in wording is restored."],

  preview: ["效果预览", "Preview"],
  kind: ["渠道种类", "Channel kind"],
  people: ["人数", "People"],
  one: ["1 个人", "1 person"],
  three: ["3 个人", "3 people"],
  calls: ["会 @：", "Mentions"],
  calls_nobody: [
    "这种渠道不 @ 人，或需要先在渠道设置里填写成员对应关系。",
    "This kind mentions nobody, or its channel needs to map people first.",
  ],
  no_buttons: ["这种渠道没有按钮。", "This kind has no buttons."],
  raw: ["实际发出的正文", "The body as sent"],
} satisfies Words;

export const t = createTranslator(words);
