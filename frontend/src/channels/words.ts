import { createTranslator, type Words } from "../i18n";

export const words = {
  near: ["渠道、文案和打卡数据源", "Channels, wording and punch sources"],

  "push.title": ["在这台设备上响铃", "Ring on this device"],
  "push.name": ["{device} 推送", "Push to {device}"],
  "push.turn_on": ["开启推送", "Turn push on"],
  "push.turn_off": ["关闭推送", "Turn push off"],
  "push.on": [
    "已开启。提醒会直接弹出通知；电脑上的通知带「我已打卡」按钮。",
    "On. Reminders appear as notifications; on computers they have a button to answer.",
  ],
  "push.off": [
    "不用装别的 App：提醒直接弹出通知。",
    "Reminders appear as notifications, without another app.",
  ],
  "push.lost": [
    "推送服务不再认这台设备，提醒到不了这里。重新开启就好。",
    "The push service no longer knows this device, so reminders do not arrive here. Turn push on again.",
  ],
  "push.denied": [
    "通知权限被拒绝了。请在浏览器或系统的设置里允许本站发送通知，再回到这里。",
    "Notifications are blocked. Allow them for this site in the settings of the browser or the system, then come back.",
  ],
  "push.insecure": [
    "推送需要 https 地址，现在是 http。请让管理员设置 HTTPS（见部署文档）。",
    "Push needs an https address, and this one is http. Ask an administrator to set up HTTPS (see the deployment guide).",
  ],
  "push.install_first": [
    "请先把本网站添加到主屏幕：用 Safari 打开，点「分享」→「添加到主屏幕」，再从主屏幕打开（需要 iOS 16.4 以上）。",
    "First add this site to the home screen: open it in Safari, tap Share → Add to Home Screen, then open it from there (iOS 16.4 or later).",
  ],
  "push.unsupported": [
    "这个浏览器收不到推送。请改用钉钉、飞书、企业微信，或 Bark、ntfy 等渠道。",
    "This browser cannot receive push messages. Use DingTalk, Feishu, WeCom, or a channel such as Bark or ntfy.",
  ],
  "push.refused": [
    "浏览器没能连上它的推送服务。在中国大陆，Chrome 和安卓浏览器的推送服务通常连不上：请用 iPhone、Edge 或 Firefox，或改用其他渠道。",
    "The browser could not reach its push service. In mainland China those of Chrome and Android usually cannot be reached: use an iPhone, Edge or Firefox, or another channel.",
  ],

  new: ["添加渠道", "Add channel"],
  edit: ["渠道", "Channel"],
  gone: ["这个渠道已被删除，或不归你管。", "This channel was deleted, or is not yours to see."],
  empty: ["还没有通知渠道", "No channels yet"],
  empty_text: [
    "渠道决定提醒发到哪里，比如钉钉群机器人。没有自己的渠道时，提醒发到班组的群；班组也没有，就放在「今天」的消息里。",
    "A channel is where reminders are sent, such as a DingTalk group robot. Without one of your own they go to your team’s group; if that has none either, to the messages on Today.",
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
  tap_waiting: ["请点一下消息里的按钮", "Tap the button in the message"],
  tap_left: ["还等 {n} 秒", "{n} s left"],
  tap_came: ["收到了，按钮可以用", "It came in: the button works"],
  tap_unknown: [
    "但还不认识点的人：到「设置 › 聊天应答」取绑定码，发给机器人。",
    "But who tapped is not known yet: get a code in Settings › Answers in chats and send it to the bot.",
  ],
  tap_missing: ["没有收到点击", "No tap came in"],
  tap_why: [
    "在「设置 › 聊天应答」看连接是否正常；钉钉卡片还要核对按钮的参数名。",
    "See in Settings › Answers in chats whether the connection works; for DingTalk cards check the names of the buttons' parameters.",
  ],
  tap_wait_again: ["再等 60 秒", "Wait another 60 s"],
  in_the_log: ["在记录里查看", "In the log"],
  calls: ["提醒会叫到谁", "Whom reminders call"],
  calls_missed: ["{n} 人叫不到：", "Not called ({n}):"],
  calls_missed_names: [
    "这个渠道叫不到 {n} 人：{names}",
    "This channel does not reach {n} person: {names} | This channel does not reach {n} people: {names}",
  ],
  calls_missed_then: [
    "别的渠道叫得到他们的，提醒走那里；都叫不到的，放进收件箱。",
    "They are reminded on a channel that reaches them; if none does, in their inbox.",
  ],
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
