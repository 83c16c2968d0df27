import { createTranslator } from "../i18n";

export const zh = {
  kind: "种类",
  name: "名称",
  enabled: "启用",
  delete_title: "删除「{name}」？",
  saved: "已保存",
  keep: "留空保留已保存的值。",
  clear: "清除已保存的值",
  list: "每行一个。",
  like: "应像这样：{example}",
  none: "不指定",
};

export const en: Record<keyof typeof zh, string> = {
  kind: "Kind",
  name: "Name",
  enabled: "Enabled",
  delete_title: "Delete “{name}”?",
  saved: "Saved",
  keep: "Leave empty to keep the saved value.",
  clear: "Clear the saved value",
  list: "One per line.",
  like: "Expected: {example}",
  none: "Not set",
};

export const t = createTranslator(zh, en);
