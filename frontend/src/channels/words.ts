import { createTranslator } from "../i18n";

export const zh = {
  near: "渠道、文案和打卡来源",

  new: "添加渠道",
  edit: "渠道",
  empty: "还没有通知渠道",
  empty_text: "渠道是提醒去的地方，比如钉钉群里的机器人。没有渠道，提醒只留在这里的消息里。",
  name_example: "一车间群",
  owner: "给谁用",
  owner_me: "只给我自己",
  owner_server: "服务器的默认渠道",
  owner_user: "个人",
  off: "停用",
  by_environment: "由环境变量 {name} 设置，要改就改环境变量。",
  delete_text: "提醒不会再发到这里，已有的记录都保留。",

  broken_since: "{when} 起发不出去，提醒先走其他渠道。",
  throttled_until: "对方限流，{when} 之后再发；要误事的提醒先走其他渠道。",
  said: "对方的回答",
  said_nothing: "没有回答",
  remedy: "怎么办",

  test: "发一条试试",
  test_named: "给「{name}」发一条试试",
  test_title: "试发到「{name}」",
  testing: "正在发送，等对方回答……",
  test_again: "再发一条",
  in_the_log: "在记录里看这一条",
  request: "发出的请求",
  request_nth: "第 {n} 个请求",
  secrets_masked: "密钥已遮住。",
  headers: "请求头",
  body: "正文",
  answer: "对方的原话",
  answer_none: "没有收到回答。",
  answer_hidden: "地址是自己填的，回答只给管理员看。",
  answer_empty: "回答是空的。",
};

export const en: Record<keyof typeof zh, string> = {
  near: "Channels, wording and punch sources",

  new: "Add channel",
  edit: "Channel",
  empty: "No channels yet",
  empty_text:
    "A channel is where reminders go, such as a robot in a DingTalk group. Without one they stay in the messages here.",
  name_example: "Workshop group",
  owner: "For",
  owner_me: "Only me",
  owner_server: "The server's default",
  owner_user: "Personal",
  off: "Off",
  by_environment: "Set by {name} in the environment, and changed only there.",
  delete_text: "Reminders will no longer go there. Past entries of the log stay.",

  broken_since: "Broken since {when}; reminders take other channels meanwhile.",
  throttled_until:
    "The provider limits the rate: it goes on after {when}; what would be too late takes other channels.",
  said: "Provider's answer",
  said_nothing: "no words",
  remedy: "What to do",

  test: "Send a test",
  test_named: "Send a test to “{name}”",
  test_title: "Test of “{name}”",
  testing: "Sending, and waiting for the answer…",
  test_again: "Send another",
  in_the_log: "See it in the log",
  request: "Request",
  request_nth: "Request {n}",
  secrets_masked: "Secrets are masked.",
  headers: "Headers",
  body: "Body",
  answer: "The answer as it came",
  answer_none: "There was no answer.",
  answer_hidden: "The address was chosen freely, so only administrators see what it answers.",
  answer_empty: "The answer is empty.",
};

export const t = createTranslator(zh, en);
