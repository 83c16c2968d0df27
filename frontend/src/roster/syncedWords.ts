import { createTranslator, type Words } from "../i18n";

export const words = {
  line: [
    "{when} 从{vendor}同步：{n} 处变化，下次 {next}",
    "Read from {vendor}: {when}, {n} change. Next: {next} | Read from {vendor}: {when}, {n} changes. Next: {next}",
  ],
  failed: ["没有从{vendor}同步，排班保持原样。", "Not read from {vendor}; the roster stays as it was."],
  open: ["打卡数据源", "Punch sources"],
  published: ["{when} 发布到{vendor}。", "Published to {vendor}: {when}."],
  unpublished: ["还没有发布到{vendor}。", "Not yet published to {vendor}."],
  in_doubt: ["没有全部生效。", "Not all of it took effect."],
  differs: [
    "与{vendor}不同：{n} 格。",
    "Differs from {vendor}: {n} cell. | Differs from {vendor}: {n} cells.",
  ],
  publish: ["发布到{vendor}", "Publish to {vendor}"],
  undo: ["撤销这次同步", "Undo this reading"],
  lock: [
    "{n} 格来自考勤系统",
    "{n} cell comes from the attendance system | {n} cells come from the attendance system",
  ],
  lock_text: [
    "改了就锁定：考勤系统里再有变化，这几格也不跟着变。改回那边的班次即可恢复同步。",
    "If you change them they are locked and no longer follow the attendance system. Set its shift again to follow it.",
  ],
  lock_do: ["锁定并修改", "Lock and change"],
} satisfies Words;

export const t = createTranslator(words);
