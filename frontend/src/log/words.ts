import { createTranslator } from "../i18n";

export const zh = {
  search: "搜索",
  search_hint: "渠道、姓名、回答或代码",
  occasion: "种类",
  all_occasions: "全部种类",
  from: "从",
  to: "到",
  more: "按种类和日期",
  show_all: "查看全部记录",
  superseded: "内容已由后来的消息发出",
  arrived: "回执：已经送达",
  not_arrived: "回执：没有送达",
  see_it: "查看那一条",
  resend: "再提醒一次",
  resent: "马上再提醒一次。",
  why: "为什么这样提醒",
  expires: "{when} 之前还可以重发。",
};

export const en: Record<keyof typeof zh, string> = {
  search: "Search",
  search_hint: "Channel, person, answer or code",
  occasion: "Occasion",
  all_occasions: "Any occasion",
  from: "From",
  to: "To",
  more: "By occasion and date",
  show_all: "Show the full log",
  superseded: "Sent with a later message",
  arrived: "Receipt: delivered",
  not_arrived: "Receipt: not delivered",
  see_it: "Show it",
  resend: "Remind again",
  resent: "A reminder is being sent now.",
  why: "Why this reminder",
  expires: "Can be sent again until {when}.",
};

export const t = createTranslator(zh, en);
