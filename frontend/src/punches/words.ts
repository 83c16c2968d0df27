import { createLookup, createTranslator, type Words } from "../i18n";

export const words = {
  new: ["添加打卡数据源", "Add punch source"],
  edit: ["打卡数据源", "Punch source"],
  text: [
    "提醒之前先向数据源查询谁已打卡，已打卡的不再提醒。查不到结果时照常提醒，并注明「未能核实」。",
    "Shortly before a reminder, the source is checked for who has punched; those are not reminded. Without an answer, reminders go out as usual and say so.",
  ],
  empty: ["还没有打卡数据源", "No punch sources yet"],
  empty_text: [
    "也可以不接：成员点「我已打卡」即可。接入钉钉考勤后，已打卡的人不再收到提醒。",
    "You can do without: people press “I have clocked in”. With DingTalk attendance connected, anyone who has punched is no longer reminded.",
  ],
  owner: ["给哪个班组", "For the team"],
  everybody: ["所有没有自己数据源的班组", "Teams without their own source"],
  environment: [
    "由环境变量 CHECK_URL 和 API_TOKEN 设置。这里只能修改下面两项。",
    "Set by the environment variables CHECK_URL and API_TOKEN. Only these two can be changed here.",
  ],
  environment_short: ["由环境变量设置", "Set by environment variables"],
  read_only: [
    "供所有班组使用的数据源只有管理员能修改。",
    "Only administrators can change sources that serve all teams.",
  ],
  delete_text: ["不再向它查询，已有的打卡记录会保留。", "It is no longer queried. Known punches stay."],

  "state.ok": ["正常", "Works"],
  "state.untried": ["未试过", "Not tried yet"],
  "state.broken": ["无法查询", "Cannot be queried"],
  "state.failing": ["没有回答", "No answer"],
  "state.over_budget": ["本月次数已用完", "Monthly calls used up"],
  since: ["自 {when} 起，提醒照常发出。", "Since {when}; reminders go out as usual."],
  throttled_until: ["限流，{when} 之后再查询。", "Throttled; queried again after {when}."],
  answered: ["最近一次回答：{when}", "Last answer: {when}"],
  never: ["还没有查询过", "Not queried yet"],
  calls: ["本月已查询 {n} 次", "{n} call this month | {n} calls this month"],
  calls_of: ["本月已查询 {n} / {most} 次", "{n} of {most} calls this month"],
  said: ["服务商的回答", "Provider's answer"],

  test: ["试查一次", "Run a test"],
  test_named: ["用「{name}」试查一次", "Run a test: {name}"],
  test_title: ["试查「{name}」", "Test of “{name}”"],
  test_text: [
    "查询这个人今天是否已打卡。结果不会记录，但计入一次调用。",
    "Checks whether this person has punched today. Nothing is recorded, but it counts as a call.",
  ],
  "roster.open": ["读取排班", "Read the roster"],
  "roster.title": ["从「{name}」读取排班", "Read the roster from “{name}”"],
  "roster.preview": ["重新读取", "Read again"],
  "roster.reading": ["正在读取…", "Reading…"],
  "roster.found": [
    "从钉钉读到 {people} 人、{shifts} 个班次、未来 {days} 天的排班",
    "In DingTalk: people: {people}, shifts: {shifts}, days ahead: {days}",
  ],
  "roster.change": ["将修改 {n} 格排班", "{n} cell will change | {n} cells will change"],
  "roster.done": [
    "已修改 {n} 格排班。以后每天两次自动同步。",
    "{n} cell changed. From now on it is read twice a day. | {n} cells changed. From now on it is read twice a day.",
  ],
  "roster.replaced": [
    "其中 {n} 格现在有别的班次，会被替换",
    "{n} of them has another shift now, which is replaced | {n} of them have other shifts now, which are replaced",
  ],
  "roster.gone": [
    "钉钉里一下子少了 {n} 格排班，确认后才会清空",
    "{n} cell is gone in DingTalk; it is cleared only if you agree | {n} cells are gone in DingTalk; they are cleared only if you agree",
  ],
  "roster.kept": [
    "{n} 格在这里改过，保持不变",
    "{n} cell was changed here and stays | {n} cells were changed here and stay",
  ],
  "roster.unclear": [
    "{n} 天看不懂（例如只有一端免打卡），保持不变，请自己排",
    "{n} day is not understood and stays as it is: plan it here | {n} days are not understood and stay as they are: plan them here",
  ],
  "roster.without": ["没有排班：", "Without a schedule: "],
  "roster.not_found": ["钉钉里找不到：", "Not found in DingTalk: "],
  "roster.calls": ["用了 {n} 次调用", "{n} call | {n} calls"],
  "roster.begin": ["写入并每天同步", "Write it, and keep in step"],
  "roster.accept": ["确认清空并写入", "Clear them and write"],
  "roster.end": ["停止同步", "Stop"],
  "roster.permissions": [
    "应用需要的权限：考勤组查询、考勤数据读、根据手机号获取成员信息。",
    "The app needs the permissions 考勤组查询, 考勤数据读 and 根据手机号获取成员信息.",
  ],
  "roster.pulled": [
    "排班 {when} 从钉钉同步：{n} 处变化，下次 {next}",
    "Roster read from DingTalk {when}: {n} change; next {next} | Roster read from DingTalk {when}: {n} changes; next {next}",
  ],
  "roster.state": ["排班没有同步，保持原样", "The roster was not read; it stays as it was"],
  person: ["查谁", "Person"],
  ask: ["查询", "Check"],
  nothing: [
    "这个人今天没有要打的卡，无需查询。",
    "This person has nothing to punch today, so there is nothing to check.",
  ],
  nothing_known: [
    "没有查到这个人今天是否打卡。换一个人再试，或直接保存。",
    "It did not tell whether this person has punched. Try somebody else, or save anyway.",
  ],
  "state.punched": ["已打卡", "Punched"],
  "state.not_punched": ["未打卡", "Not punched"],
  "state.unknown": ["未知", "Unknown"],
  at: ["{when} 打卡", "at {when}"],
  "outcome.ok": ["查询正常", "The query worked"],
  "outcome.broken": ["设置有误，无法查询", "Its settings are wrong; it cannot be queried"],
  "outcome.passing": ["没有回答，稍后重试", "No answer; it will be retried"],
  "outcome.throttled": ["服务商限流，请稍后再试", "Throttled by the provider; try again later"],
  "outcome.over_budget": ["本月的调用次数已用完", "The monthly calls are used up"],
} satisfies Words;

export const t = createTranslator(words);
/** For the outcomes of a test. */
export const ownTranslation = createLookup(words);
