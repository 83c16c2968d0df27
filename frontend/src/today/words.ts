import { createTranslator, type Words } from "../i18n";

export const words = {
  title: ["还差几步，提醒就会发出", "A few steps to the first reminder"],
  text: ["每一步确实有效，才算完成。", "A step is done once it was seen to work."],
  done: ["已完成", "Done"],
  to_do: ["待完成", "To do"],
  untried: ["未试过", "Not tried yet"],
  broken: ["发不出去", "Cannot send"],
  from_attendance: [
    "已经在钉钉、飞书或企业微信里打卡？从那里读取成员和排班",
    "Already on DingTalk, Feishu or WeCom attendance? Read people and rosters from it",
  ],
  rest: ["还有 {n} 人", "{n} more person | {n} more people"],
  see_people: ["看这 {n} 人", "See {n} person | See {n} people"],
  put_away: ["不再显示", "Put this list away"],
  "step.channel": ["添加通知渠道", "Add a channel"],
  "text.channel": [
    "比如钉钉群机器人，保存前会发一条测试。没有渠道时，提醒只留在这一页。",
    "For example a DingTalk group robot; a test is sent before it is saved. Without one, reminders stay on this page.",
  ],
  "step.people": ["添加成员", "Add people"],
  "text.people": ["如果只提醒自己，可以跳过。", "Skip this if you only remind yourself."],
  "step.shift": ["新建班次", "Create a shift"],
  "text.shift": ["几点上班、几点下班、怎样提醒。", "When work starts and ends, and how to remind."],
  "step.roster": ["排班", "Plan the roster"],
  "text.roster": ["谁在哪几天上这个班。", "Who works this shift on which days."],
  "step.phone": ["手机点得开吗？", "Does a phone open it?"],
  "text.phone": ["消息里的链接要在手机上点得开。", "The links in messages have to open on a phone."],
  "address.differs": [
    "消息里的链接指向 {url}，而你现在用的是 {here}。还没有手机打开过那个地址。",
    "Links in messages lead to {url}, but you are using {here}. No phone has opened that address yet.",
  ],
  "address.untried": [
    "还没有手机打开过消息里的地址 {url}。打不开的话，提醒里的按钮都没有用。",
    "No phone has opened the address in messages, {url}, yet. If none can, the buttons of reminders lead nowhere.",
  ],
  "address.try": ["用手机试一下", "Try it with a phone"],
  "address.silence": ["不再提示", "Do not tell me again"],
  "phone.scan": [
    "用手机扫一扫。最好关掉 Wi-Fi、用流量：成员多半不在这个网络里。",
    "Scan it with a phone, best with Wi-Fi off: most people are not in this network.",
  ],
  "phone.waiting": ["等手机打开……", "Waiting for a phone …"],
  "phone.internet": [
    "手机从外网打开了，在哪儿都能用。",
    "A phone opened it over the internet: it works anywhere.",
  ],
  "phone.nearby": [
    "手机打开了，但只在局域网里试过。用流量再扫一次。",
    "A phone opened it, but only in the local network. Scan it again over mobile data.",
  ],
  "phone.other_address": [
    "消息里的链接指向 {url}，而你现在用的是 {here}。",
    "Links in messages point to {url}, but you are at {here}.",
  ],
  "phone.none": [
    "没有设置 PUBLIC_URL，消息里不带链接，只能在网页或聊天里回应。有手机打得开的地址，就把它填进 PUBLIC_URL 再重启。",
    "PUBLIC_URL is not set, so messages have no links and are answered in the web app or in a chat. If phones reach an address of this server, set PUBLIC_URL to it and restart.",
  ],
  "phone.qr": ["二维码：消息里的地址", "QR code of the address in messages"],
  "phone.close": ["完成", "Done"],
  "step.reminder": ["第一条提醒", "The first reminder"],
  "text.reminder": [
    "到点后自动发出，发出后这张单子就会消失。",
    "It goes out when it is due; then this list disappears.",
  ],
  "plan.shift": ["班次", "Shift"],
  "plan.who": ["谁上班", "Who"],
  "plan.everybody": ["所有人（{n} 人）", "Everybody ({n})"],
  "plan.days": ["哪几天", "Days"],
  "plan.workdays": ["工作日", "Workdays"],
  "plan.daily": ["每天", "Every day"],
  "plan.today": ["只有今天", "Only today"],
  "plan.until": [
    "今天，以及到 {date} 为止的工作日，节假日和调休按日历。",
    "Today and the workdays until {date}, with the calendar's holidays and make-up workdays.",
  ],
  "plan.until_daily": ["从今天排到 {date}。", "From today until {date}."],
  "plan.elsewhere": ["到排班表里细排", "Plan in detail on the roster"],
} satisfies Words;

export const t = createTranslator(words);
