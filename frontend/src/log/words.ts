import { createTranslator, type Words } from "../i18n";

export const words = {
  search: ["搜索", "Search"],
  search_hint: ["渠道、姓名、回答或代码", "Channel, person, answer or code"],
  occasion: ["种类", "Occasion"],
  all_occasions: ["全部种类", "Any occasion"],
  from: ["从", "From"],
  to: ["到", "To"],
  more: ["按种类和日期", "By occasion and date"],
  show_all: ["查看全部记录", "Show the full log"],
  personal_channel: ["个人渠道", "Personal channel"],
  superseded: ["内容已由后来的消息发出", "Sent with a later message"],
  accepted: ["对方已接受", "Accepted"],
  arrived: ["回执：已经送达", "Receipt: delivered"],
  not_arrived: ["回执：没有送达", "Receipt: not delivered"],
  not_sent: ["没有发出", "Not sent"],
  see_it: ["查看那一条", "Show it"],
  resend: ["再提醒一次", "Remind again"],
  resent: ["马上再提醒一次。", "A reminder is being sent now."],
  why: ["为什么这样提醒", "Why this reminder"],
  expires: ["{when} 之前还可以重发。", "Can be sent again until {when}."],
} satisfies Words;

export const t = createTranslator(words);
