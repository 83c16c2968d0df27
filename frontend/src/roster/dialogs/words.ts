import { createLookup, createTranslator, type Words } from "../../i18n";

/** Of dialogs that are fetched when they open. */
export const words = {
  "find.title": ["查找成员", "Find a person"],
  "find.name": ["姓名", "Name"],
  "find.nobody": ["没有找到。", "Nobody found."],
  "keys.find": ["查找成员", "Find a person"],
  "who.title": ["谁能上这个班", "Who can take this shift"],
  "who.day": ["工作日期", "Work date"],
  "who.shift": ["班次", "Shift"],
  "who.nobody": ["这里没有能上这个班次的成员。", "Nobody here may work this shift."],
  "who.free": ["有空，休息够", "Free and rested"],
  "who.warned": ["有空，但要留意", "Free, but see below"],
  "who.busy": ["已排{shift}", "On {shift}"],
  "who.away": ["请假", "On leave"],
  "who.month": [
    "本月夜班 {nights} 个，上班 {days} 天，{hours} 小时",
    "Nights this month: {nights} · Days: {days} · Hours: {hours}",
  ],
  "who.take": ["排上", "Plan"],
  "who.take_named": ["排上{who}", "Plan {who}"],
  "who.offer": ["让班组的人来上", "Offer it to the team"],
  "who.offer_hint": [
    "有空的人会收到消息；谁愿意上，由你批准。",
    "Those who are free are told; you approve who takes it.",
  ],
  "who.offered": [
    "已发给有空的人。有人愿意上时请你批准。",
    "Offered to those who are free. You approve who takes it.",
  ],
  "history.none": ["这一格没有改动过。", "This cell has never been changed."],
  "history.change": ["{before} → {after}", "{before} → {after}"],
  "history.system": ["系统", "System"],
  findings_title: ["提示", "Warnings"],
  no_findings: ["没有提示。", "No warnings."],
  "findings.by": ["分组", "Group by"],
  "findings.day": ["按日期", "Day"],
  "findings.person": ["按成员", "Person"],
  "findings.kind": ["种类", "Kind"],
  "findings.all": ["全部（{n}）", "All ({n})"],
  "findings.some": ["{kind}（{n}）", "{kind} ({n})"],
  "findings.name": ["姓名", "Name"],
  "finding.short": ["人手不足", "Too few people"],
  "finding.not_planned": ["整月未排班", "Month not planned"],
  "finding.short_rest": ["休息不足", "Short rest"],
  "finding.night_before_morning": ["夜班接早班", "Night before morning"],
  "finding.overlap": ["班次重叠", "Overlapping shifts"],
  "finding.long_run": ["连续上班", "Long runs"],
  "finding.inactive": ["已停用的成员", "Inactive people"],
  keys_title: ["快捷键", "Keyboard shortcuts"],
  "keys.move": ["移动；按住 Ctrl 移到边缘", "Move; with Ctrl to the edge"],
  "keys.select": [
    "选择区域；也可以拖动鼠标，或按住 Shift 点击",
    "Select a block; or drag with the mouse, or Shift-click",
  ],
  "keys.all": ["全选", "Select all"],
  "keys.type": [
    "输入班次代号或序号，填入所选格子；还可能更长的代号（D 与 D3）按 Enter 或移到下一格确认",
    "Type a shift's code or number to fill the selection; where a longer code is possible (D beside D3), Enter or the next cell settles it",
  ],
  "keys.open": ["打开班次列表", "Open the list of shifts"],
  "keys.clear": ["清空所选格子", "Clear the selection"],
  "keys.clipboard": [
    "复制、剪切、粘贴；可与 Excel、WPS 互相粘贴",
    "Copy, cut, paste; also to and from Excel or WPS",
  ],
  "keys.fill": [
    "向下、向右填充；也可以拖动右下角的小方块",
    "Fill down, fill right; or drag the small square",
  ],
  "keys.undo": ["撤销、重做", "Undo, redo"],
  "keys.escape": ["取消选择和画笔", "Clear the selection and the brush"],
  "key.arrows": ["方向键", "Arrows"],
  "key.code": ["早 N 1…9", "A N 1…9"],
  "key.enter": ["回车", "Enter"],
} satisfies Words;

export const t = createTranslator(words);
/** For the kinds of findings. */
export const ownTranslation = createLookup(words);
