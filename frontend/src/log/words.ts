import { createTranslator } from "../i18n";

export const zh = {
  search: "搜索",
  search_hint: "渠道、人名，或对方的原话和代码",
  occasion: "种类",
  all_occasions: "全部种类",
  from: "从",
  to: "到",
  more: "按种类和日期",
  show_all: "看全部记录",
  superseded: "后来的一条把它要说的一起说了",
  arrived: "回执：已经送达",
  not_arrived: "回执：没有送达",
  see_it: "看那一条",
  resend: "再提醒一次",
  resent: "马上再提醒一次。",
  why: "为什么这样提醒",
  expires: "{when} 之前还可以重发。",
};

export const en: Record<keyof typeof zh, string> = {
  search: "Search",
  search_hint: "Channel, person, or the provider's words and codes",
  occasion: "Occasion",
  all_occasions: "Any occasion",
  from: "From",
  to: "To",
  more: "By occasion and date",
  show_all: "Show the whole log",
  superseded: "A later message said this too",
  arrived: "Receipt: it arrived",
  not_arrived: "Receipt: it did not arrive",
  see_it: "See it",
  resend: "Remind once more",
  resent: "Reminding once more, now.",
  why: "Why it was so",
  expires: "Can be sent again until {when}.",
};

export const t = createTranslator(zh, en);
