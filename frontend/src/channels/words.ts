import { createTranslator, type Words } from "../i18n";

export const words = {
  near: ["渠道、文案和打卡数据源", "Channels, wording and punch sources"],

  new: ["添加渠道", "Add channel"],
  edit: ["渠道", "Channel"],
  empty: ["还没有通知渠道", "No channels yet"],
  empty_text: [
    "渠道决定提醒发到哪里，比如钉钉群机器人。没有渠道时，提醒只留在这里的消息里。",
    "A channel is where reminders are sent, such as a DingTalk group robot. Without one they stay in the messages here.",
  ],
  owner: ["给谁用", "For"],
  owner_me: ["只给我自己", "Only me"],
  owner_server: ["服务器的默认渠道", "The server's default"],
  owner_user: ["个人", "Personal"],
  by_environment: [
    "由环境变量 {name} 设置，只能在环境变量里修改。",
    "Set by the environment variable {name}, and changed only there.",
  ],
  delete_text: [
    "提醒不再发到这里，已有的记录会保留。",
    "Reminders are no longer sent there. Past log entries stay.",
  ],

  broken_since: [
    "{when} 起发不出去，提醒改走其他渠道。",
    "Broken since {when}; reminders use other channels meanwhile.",
  ],
  throttled_until: [
    "限流中，{when} 之后再发；等不及的提醒改走其他渠道。",
    "Rate limited until {when}; reminders that cannot wait use other channels.",
  ],
  said: ["服务商的回答", "Provider's answer"],
  said_nothing: ["没有回答", "no message"],
  remedy: ["怎么办", "What to do"],

  test: ["发送测试", "Send a test"],
  test_named: ["向「{name}」发送测试", "Send a test to “{name}”"],
  test_title: ["测试「{name}」", "Test of “{name}”"],
  testing: ["正在发送，等待回答……", "Sending and waiting for the answer…"],
  test_again: ["再发一条", "Send another"],
  in_the_log: ["在记录里查看", "Show in the log"],
  calls: ["提醒会叫到谁", "Whom reminders call"],
  calls_missed: ["{n} 人叫不到：", "Not called ({n}):"],
  calls_called: ["{n} 人叫得到：", "Called ({n}): "],
  calls_strangers: [
    "表里这几行不是这里的人：{names}",
    "Rows of the table that are about nobody here: {names}",
  ],
  request: ["发出的请求", "Request"],
  request_nth: ["第 {n} 个请求", "Request {n}"],
  secrets_masked: ["密钥已遮住。", "Secrets are masked."],
  headers: ["请求头", "Headers"],
  body: ["正文", "Body"],
  answer: ["收到的回答", "Answer received"],
  answer_none: ["没有收到回答。", "No answer received."],
  answer_hidden: [
    "地址由用户自行填写，只有管理员能看到回答的内容。",
    "The address was entered freely, so only administrators see its answer.",
  ],
  answer_empty: ["回答是空的。", "The answer is empty."],
} satisfies Words;

export const t = createTranslator(words);
