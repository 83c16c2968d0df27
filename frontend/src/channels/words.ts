import { createTranslator } from "../i18n";

export const zh = {
  near: "渠道、文案和打卡数据源",

  new: "添加渠道",
  edit: "渠道",
  empty: "还没有通知渠道",
  empty_text: "渠道决定提醒发到哪里，比如钉钉群机器人。没有渠道时，提醒只留在这里的消息里。",
  name_example: "一车间群",
  owner: "给谁用",
  owner_me: "只给我自己",
  owner_server: "服务器的默认渠道",
  owner_user: "个人",
  off: "停用",
  by_environment: "由环境变量 {name} 设置，只能在环境变量里修改。",
  delete_text: "提醒不再发到这里，已有的记录会保留。",

  broken_since: "{when} 起发不出去，提醒改走其他渠道。",
  throttled_until: "限流中，{when} 之后再发；等不及的提醒改走其他渠道。",
  said: "服务商的回答",
  said_nothing: "没有回答",
  remedy: "怎么办",

  test: "发送测试",
  test_named: "向「{name}」发送测试",
  test_title: "测试「{name}」",
  testing: "正在发送，等待回答……",
  test_again: "再发一条",
  in_the_log: "在记录里查看",
  request: "发出的请求",
  request_nth: "第 {n} 个请求",
  secrets_masked: "密钥已遮住。",
  headers: "请求头",
  body: "正文",
  answer: "收到的回答",
  answer_none: "没有收到回答。",
  answer_hidden: "地址由用户自行填写，只有管理员能看到回答的内容。",
  answer_empty: "回答是空的。",
};

export const en: Record<keyof typeof zh, string> = {
  near: "Channels, wording and punch sources",

  new: "Add channel",
  edit: "Channel",
  empty: "No channels yet",
  empty_text:
    "A channel is where reminders are sent, such as a DingTalk group robot. Without one they stay in the messages here.",
  name_example: "Workshop group",
  owner: "For",
  owner_me: "Only me",
  owner_server: "The server's default",
  owner_user: "Personal",
  off: "Off",
  by_environment: "Set by the environment variable {name}, and changed only there.",
  delete_text: "Reminders are no longer sent there. Past log entries stay.",

  broken_since: "Broken since {when}; reminders use other channels meanwhile.",
  throttled_until: "Rate limited until {when}; reminders that cannot wait use other channels.",
  said: "Provider's answer",
  said_nothing: "no message",
  remedy: "What to do",

  test: "Send a test",
  test_named: "Send a test to “{name}”",
  test_title: "Test of “{name}”",
  testing: "Sending and waiting for the answer…",
  test_again: "Send another",
  in_the_log: "Show in the log",
  request: "Request",
  request_nth: "Request {n}",
  secrets_masked: "Secrets are masked.",
  headers: "Headers",
  body: "Body",
  answer: "Answer received",
  answer_none: "No answer received.",
  answer_hidden: "The address was entered freely, so only administrators see its answer.",
  answer_empty: "The answer is empty.",
};

export const t = createTranslator(zh, en);
