import { createTranslator, type Words } from "../i18n";

export const words = {
  open: ["发布到{vendor}", "Publish to {vendor}"],
  begin_title: ["发布到{vendor}？", "Publish to {vendor}?"],
  begin_text: [
    "以后在这里排班，由排班员点「发布」；不再从{vendor}读取，两边不会互相覆盖。先预览，确认之前什么都不写。",
    "From now on the roster is made here and published by planners; it is no longer read from {vendor}, so that neither overwrites the other. A preview comes first; nothing is written before you confirm.",
  ],
  begin: ["改为发布", "Publish from now on"],
  end: ["停止发布", "Stop publishing"],
  end_text: [
    "{vendor}里已有的排班保持不变，以后这里的改动不再写过去。要恢复，再点一次「发布到{vendor}」。",
    "The roster in {vendor} stays as it is; changes made here are no longer written to it. To go on, press Publish to {vendor} again.",
  ],
  ended: ["不再发布到{vendor}。", "No longer published to {vendor}."],
  from: ["从", "From"],
  to: ["到", "To"],
  clears: ["这里没有排班的日子，那边也清空", "Clear the days there that are empty here"],
  preview: ["预览", "Preview"],
  reading: ["正在读取…", "Reading…"],
  person: ["成员", "Person"],
  date: ["日期", "Date"],
  before: ["{vendor}里现在", "Now in {vendor}"],
  after: ["发布后", "Published"],
  rest: ["休息", "Rest"],
  none: ["没有排班", "No schedule"],
  unnamed: ["班次", "Shift"],
  same: ["{n} 格已经相同", "{n} cell is the same already | {n} cells are the same already"],
  blank: [
    "{n} 格这里没有排班、那边有，保持不变",
    "{n} cell is empty here but not there; it stays | {n} cells are empty here but not there; they stay",
  ],
  nothing: ["没有要发布的改动。", "There is nothing to publish."],
  more: ["还有 {n} 格", "{n} more cell | {n} more cells"],
  obstacles: ["不能发布：", "Not published:"],
  "obstacle.person": ["{vendor}里没有这个人", "not known in {vendor}"],
  "obstacle.same_id": ["{vendor}账号与另一个人相同", "same {vendor} id as somebody else"],
  "obstacle.no_group": ["不在任何考勤组里", "in no attendance group"],
  "obstacle.group": [
    "考勤组「{group}」不是排班制",
    "in the attendance group “{group}”, which has no schedules",
  ],
  "obstacle.shift": ["不知道「{shift}」是那边的哪个班次", "it is not known which shift “{shift}” is there"],
  "obstacle.unclear": ["看不懂那边现在的排班", "the schedule there now is not understood"],
  "obstacle.past": ["日子已经过去", "the day is over"],
  "obstacle.far": ["太远，那边还不能排", "too far ahead"],
  obstacle: ["{name}，{n} 天：{why}", "{name}, {n} day: {why} | {name}, {n} days: {why}"],
  shifts: ["班次对照", "Which shift is which"],
  choose: ["请选择…", "Choose…"],
  again: ["选好后重新预览", "Preview again after choosing"],
  publish: ["发布 {n} 格", "Publish {n} cell | Publish {n} cells"],
  calls: ["用了 {n} 次调用", "{n} call | {n} calls"],
  no_undo: [
    "发布不能撤销；要恢复，先在这里改回，再发布一次。",
    "Publishing cannot be undone. To go back, change the roster here and publish again.",
  ],
  "state.writing": ["正在发布…", "Publishing…"],
  "state.written": [
    "已发送 {n} 格。半分钟后和五分钟后各读回核对一次。",
    "{n} cell was sent. It is read back after half a minute and after five. | {n} cells were sent. They are read back after half a minute and after five.",
  ],
  "state.checked": [
    "已发送 {n} 格，第一次读回都已生效；五分钟时再核对一次。",
    "{n} cell was sent and shows there; it is read back once more after five minutes. | {n} cells were sent and show there; they are read back once more after five minutes.",
  ],
  "state.verified": [
    "{n} 格全部生效，已核对。",
    "{n} cell took effect; checked. | All {n} cells took effect; checked.",
  ],
  "state.differs": [
    "有 {n} 格没有生效。请在那边检查，再发布一次。",
    "{n} cell did not take effect. Look at it there, and publish again. | {n} cells did not take effect. Look at them there, and publish again.",
  ],
  "state.unverified": [
    "读不回来，不能确认是否生效。",
    "It could not be read back; whether it took effect is not certain.",
  ],
  last: ["{when} {who}发布：", "{when}, published by {who}: "],
  cell: ["{name} {date} {wanted}", "{name} {date} {wanted}"],
} satisfies Words;

export const t = createTranslator(words);
