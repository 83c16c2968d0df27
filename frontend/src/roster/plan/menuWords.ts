import { createTranslator } from "../../i18n";

/** What the menu says; the dialogs bring their own words with them. */
export const zh = {
  menu: "计划",
  pattern: "按规律排班",
  copy: "复制一周或一个月",
  needs: "每班要几个人",
  report: "月报与公平",
  print: "打印、存成图片",
  import: "导入文件",
  export: "导出文件",
  days: "节假日与调休",
  feeds: "日历订阅地址",
};

export const en: Record<keyof typeof zh, string> = {
  menu: "Plan",
  pattern: "Fill by a pattern",
  copy: "Copy a week or month",
  needs: "People needed per shift",
  report: "Month report",
  print: "Print, save as a picture",
  import: "Import a file",
  export: "Export a file",
  days: "Holidays and make-up days",
  feeds: "Calendar addresses",
};

export const t = createTranslator(zh, en);
