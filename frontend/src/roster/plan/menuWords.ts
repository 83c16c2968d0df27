import { createTranslator } from "../../i18n";

/** The menu's texts; the dialogs load their own. */
export const zh = {
  menu: "排班工具",
  pattern: "按规律排班",
  copy: "复制一周或一个月",
  needs: "每班人数",
  report: "月报与公平",
  print: "打印或存为图片",
  import: "导入文件",
  export: "导出文件",
  days: "节假日与调休",
  feeds: "日历订阅地址",
};

export const en: Record<keyof typeof zh, string> = {
  menu: "Plan",
  pattern: "Fill with a pattern",
  copy: "Copy a week or month",
  needs: "People needed per shift",
  report: "Monthly report",
  print: "Print or save as image",
  import: "Import a file",
  export: "Export a file",
  days: "Holidays and make-up days",
  feeds: "Calendar addresses",
};

export const t = createTranslator(zh, en);
