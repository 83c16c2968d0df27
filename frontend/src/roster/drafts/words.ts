import { createTranslator, type Words } from "../../i18n";

export const words = {
  title: ["草稿与发布", "Draft and publish"],
  what: [
    "开启后，排班表上的改动先存为草稿：提醒、通知、成员看到的排班和日历都不变，发布之后才一起生效。已经排好的班不受影响。",
    "When this is on, edits of the roster are drafts first: reminders, notices, members' rosters and calendars stay as they are, and follow when you publish. What is planned already stays.",
  ],
  choose_team: ["请先在排班表上选择班组。", "Choose a team on the roster first."],
  turn_on: ["开启草稿", "Use drafts"],
  is_on: ["已开启草稿，以后的改动要发布才生效。", "Drafts are on: edits take effect when you publish them."],
  turn_off: ["关闭草稿…", "Stop using drafts…"],
  off_text: [
    "还有 {n} 格草稿没有发布。关闭后，改动会立即生效。",
    "{n} draft is not published. From then on, edits take effect at once. | {n} drafts are not published. From then on, edits take effect at once.",
  ],
  off_none: ["关闭后，改动会立即生效。", "From then on, edits take effect at once."],
  off_publish: ["发布草稿并关闭", "Publish the drafts and stop"],
  off_discard: ["放弃草稿并关闭", "Discard the drafts and stop"],
  off: ["关闭草稿", "Stop using drafts"],
  off_back: ["返回", "Back"],
  is_off: ["已关闭草稿，改动立即生效。", "Drafts are off: edits take effect at once."],
  line: [
    "{n} 格是草稿，还没有发布。",
    "{n} cell is a draft and not published yet. | {n} cells are drafts and not published yet.",
  ],
  line_elsewhere: [
    "{n} 格是草稿，其中其他日期 {elsewhere} 格，还没有发布。",
    "Drafts that are not published yet: {n}, on other dates: {elsewhere}.",
  ],
  line_none: ["改动先存为草稿，发布后生效。", "Edits are drafts until you publish them."],
  open: ["发布…", "Publish…"],
  more: ["设置…", "Settings…"],
  scope: ["日期", "Dates"],
  scope_all: ["全部（{n} 格）", "All ({n})"],
  none: ["没有未发布的草稿。", "There are no drafts to publish."],
  summary: ["{people} 人的 {n} 格会改变。", "People whose cells change: {people}; cells: {n}."],
  notice: [
    "每人收到一条通知，只说今天起的改动；关掉通知的人除外。",
    "Everybody receives one notice about changes from today on, unless they turned notices off.",
  ],
  changes: ["谁有什么改变", "What changes for whom"],
  change: ["{day}：{before} → {after}", "{day}: {before} → {after}"],
  more_changes: ["还有 {n} 天", "{n} more day | {n} more days"],
  outdated: [
    "{n} 格在写草稿之后又被改过（换班等），标了「！」。",
    "{n} cell was changed after it was drafted (by a swap, say); it is marked “!”. | {n} cells were changed after they were drafted (by a swap, say); they are marked “!”.",
  ],
  outdated_what: ["这些格子", "These cells"],
  outdated_publish: ["用草稿", "Publish the draft"],
  outdated_keep: ["保留现在的排班，放弃草稿", "Keep what is published, discard the draft"],
  warnings: ["会带来的提示（{n}）", "Warnings this causes ({n})"],
  publish: ["发布 {n} 格", "Publish {n} cell | Publish {n} cells"],
  published: ["已发布 {n} 格，涉及 {people} 人。", "Published cells: {n}, people: {people}."],
  discard: ["放弃这些草稿", "Discard these drafts"],
  discarded: [
    "已放弃 {n} 格草稿，可以撤销。",
    "{n} draft is discarded; undo brings it back. | {n} drafts are discarded; undo brings them back.",
  ],
  look_again: [
    "排班刚刚又有改动，下面已更新，请再核对一次。",
    "The roster has just changed; this is up to date now. Please check it again.",
  ],
} satisfies Words;

export const t = createTranslator(words);
