import { createTranslator, type Words } from "../i18n";

export const words = {
  view: ["视图", "View"],
  makeup: ["{name}调休上班", "Make-up workday for {name}"],
  nothing: ["没有排班", "Nothing planned"],
  caption: ["我的日历，{month}", "My calendar, {month}"],
  month: ["月", "Month"],
  list: ["列表", "List"],
  list_caption: ["{month}的排班", "Shifts in {month}"],
  none_this_month: ["{month}还没有排班。", "Nothing is planned in {month} yet."],
  today: ["今天", "today"],
  over: ["过去的 {n} 天", "{n} past day | {n} past days"],

  "note.leave": ["请假", "Leave"],
  "note.leave_in": ["请假，免上班打卡", "Leave, no clock-in"],
  "note.leave_out": ["请假，免下班打卡", "Leave, no clock-out"],
  "note.skip": ["跳过提醒", "Skipped"],
  "note.skip_in": ["跳过上班提醒", "Clock-in skipped"],
  "note.skip_out": ["跳过下班提醒", "Clock-out skipped"],
  "note.swap": ["换班待定", "Swap pending"],
  "short.leave": ["假", "L"],
  "short.skip": ["跳", "S"],
  "short.swap": ["换", "W"],
  see_swap: ["查看换班", "Show the swap"],

  together: ["一起上班", "Works with me"],
  alone: ["这一班只有你。", "You are the only one on this shift."],
  others: ["这天的其他班", "Other shifts of this day"],
  nobody: ["这天没有别人上班。", "Nobody else works on this day."],

  phone: ["加到手机日历", "Add to phone calendar"],
  "phone.text": [
    "手机日历订阅你专属的地址，排班变动后自动更新。任何人拿到地址都能看到这些班次；不需要时请作废。",
    "Your phone's calendar subscribes to an address of your own and follows every change. Anyone with the address can read the shifts; revoke it when you no longer need it.",
  ],
  "phone.name_example": ["我的手机", "My phone"],
  "phone.whose": ["谁的排班", "Whose shifts"],
  "phone.mine": ["我的", "Mine"],
  "phone.team": ["班组「{name}」", "Team “{name}”"],
  "phone.alarm": ["日历提醒", "The calendar's own alarms"],
  "phone.no_alarm": ["不提醒", "No alarms"],
  "phone.alarm_at": ["上班时和下班时", "At each start and end"],
  "phone.alarm_before": [
    "上班前 {n} 分钟，和下班时",
    "{n} minute before each start, and at each end | {n} minutes before each start, and at each end",
  ],
  "phone.create": ["生成地址", "Create address"],
  "phone.once": ["这个地址只显示这一次。", "This address is shown only once."],
  "phone.open": ["用这台设备的日历订阅", "Subscribe on this device"],
  "phone.copy": ["复制地址", "Copy the address"],
  "phone.qr": ["订阅地址的二维码，用手机相机扫", "QR code of the address, for the phone's camera"],
  "phone.lan": [
    "地址指向 {host}。手机要能访问它才能更新。",
    "The address is on {host}. The phone must be able to reach it to stay up to date.",
  ],
  "phone.have": ["已有的地址", "Your addresses"],
  "phone.read": ["上次读取 {when}", "Last fetched {when}"],
  "phone.unread": ["还没有日历读取过", "No calendar has fetched it yet"],
  "phone.revoke_text": [
    "订阅它的日历不再更新，地址不能恢复。",
    "Calendars that subscribe to it are no longer updated. This cannot be undone.",
  ],
  "phone.revoked": [
    "「{name}」已作废，订阅它的日历不再更新。",
    "“{name}” is revoked; calendars that subscribe to it are no longer updated.",
  ],
  "phone.too_many": ["最多 20 个地址，请先作废一个。", "There are 20 addresses already; revoke one first."],
} satisfies Words;

export const t = createTranslator(words);
