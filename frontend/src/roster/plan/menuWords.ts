import { createTranslator, type Words } from "../../i18n";

/** The menu's texts; the dialogs load their own. */
export const words = {
  menu: ["排班工具", "Plan"],
  pattern: ["按规律排班", "Fill with a pattern"],
  proposal: ["建议排班", "Shift proposal"],
  wishes: ["征集意愿", "Ask for wishes"],
  copy: ["复制一周或一个月", "Copy a week or month"],
  needs: ["每班人数", "People needed per shift"],
  order: ["成员顺序", "Order of people"],
  drafts: ["草稿与发布", "Draft and publish"],
  report: ["月报与公平", "Monthly report"],
  print: ["打印或存为图片", "Print or save as image"],
  import: ["导入文件", "Import a file"],
  export: ["导出文件", "Export a file"],
  days: ["节假日与调休", "Holidays and make-up days"],
  feeds: ["日历订阅地址", "Calendar addresses"],
} satisfies Words;

export const t = createTranslator(words);
