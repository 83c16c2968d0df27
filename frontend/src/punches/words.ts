import { createLookup, createTranslator, type Words } from "../i18n";

export const words = {
  new: ["添加打卡数据源", "Add punch source"],
  edit: ["打卡数据源", "Punch source"],
  text: [
    "提醒之前先向数据源查询谁已打卡，已打卡的不再提醒。查不到结果时照常提醒，并注明「未能核实」。",
    "Shortly before a reminder, the source is checked for who has punched; those are not reminded. Without an answer, reminders go out as usual and say so.",
  ],
  gone: ["这个打卡数据源已被删除，或不归你管。", "This punch source was deleted, or is not yours to see."],
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
  calls_forecast: ["，到月底约 {n} 次", ", about {n} by its end"],
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
    "从{vendor}读到 {people} 人、{shifts} 个班次、未来 {days} 天的排班",
    "In {vendor}: people: {people}, shifts: {shifts}, days ahead: {days}",
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
    "{vendor}里一下子少了 {n} 格排班，确认后才会清空",
    "{n} cell is gone in {vendor}; it is cleared only if you agree | {n} cells are gone in {vendor}; they are cleared only if you agree",
  ],
  "roster.vanished": ["那边一天排班都没有了，这里保持不变：", "No day left there, so kept here: "],
  "roster.leaves": [
    "读到 {n} 条请假，请假期间不提醒",
    "{n} leave was read; nobody is reminded during it | {n} leaves were read; nobody is reminded during them",
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
  "roster.not_found": ["{vendor}里找不到：", "Not found in {vendor}: "],
  "roster.same_ids": [
    "{vendor}账号与另一个人相同，没有读取：",
    "Same {vendor} id as somebody else, so not read: ",
  ],
  "roster.calls": ["用了 {n} 次调用", "{n} call | {n} calls"],
  "roster.begin": ["写入并每天同步", "Write it, and keep in step"],
  "roster.accept": ["确认清空并写入", "Clear them and write"],
  "roster.end": ["停止同步", "Stop reading"],
  "roster.end_text": [
    "读到的排班和请假留在这里，不再随{vendor}变化：以后请在这里改。",
    "The roster and the leave that were read stay, and no longer follow {vendor}: change them here from then on.",
  ],
  "roster.ended": ["已停止从{vendor}同步。", "No longer read from {vendor}."],
  "roster.pulled": [
    "排班 {when} 从{vendor}同步：{n} 处变化，下次 {next}",
    "Roster read from {vendor}: {when}, {n} change. Next: {next} | Roster read from {vendor}: {when}, {n} changes. Next: {next}",
  ],
  "roster.newcomers": [
    "在{vendor}部门里、这里还没有账号：",
    "In the {vendor} departments, without an account here: ",
  ],
  "roster.leavers": ["{vendor}里已经没有：", "No longer in {vendor}: "],
  "roster.begin_with_people": [
    "添加这 {n} 人并写入",
    "Add this person and write | Add these {n} people and write",
  ],
  "roster.people_changed": [
    "{vendor}里新来 {joined} 人、离开 {left} 人",
    "In {vendor}, joined: {joined}, left: {left}",
  ],
  "people.open": ["从{vendor}添加成员", "Add people from {vendor}"],
  "people.nobody": ["不添加", "Nobody"],
  "people.new_team": ["新建同名班组", "A new team of this name"],
  "people.everybody": ["整个企业", "The whole organisation"],
  "people.of": ["{name}（{n} 人）", "{name} ({n} person) | {name} ({n} people)"],
  "people.new": ["将添加 {n} 位成员", "{n} person will be added | {n} people will be added"],
  "people.by_mobile": [
    "{n} 位按手机号认出，只补上{vendor} userid",
    "{n} person recognised by number gets the {vendor} userid | {n} people recognised by number get their {vendor} userids",
  ],
  "people.by_name": [
    "{n} 位按姓名认出，只补上{vendor} userid",
    "{n} person recognised by name gets the {vendor} userid | {n} people recognised by name get their {vendor} userids",
  ],
  "people.known": ["{n} 位已经在这里，保持不变", "{n} person is here already | {n} people are here already"],
  "people.elsewhere": [
    "{n} 位的手机号属于别的账号，不添加",
    "{n} person is not added: somebody else here has the number | {n} people are not added: others here have their numbers",
  ],
  "people.removed": [
    "{n} 位在这里删除过，不再添加",
    "{n} person was deleted here and is not added again | {n} people were deleted here and are not added again",
  ],
  "people.without_mobile": [
    "{n} 位没有手机号（{vendor}里没填，或应用没有「{permission}」权限），群里 @ 不到",
    "{n} person has no number (none in {vendor}, or the app lacks {permission}) and cannot be mentioned in groups | {n} people have no number (none in {vendor}, or the app lacks {permission}) and cannot be mentioned in groups",
  ],
  "people.no_mobiles": [
    "{n} 位没有手机号（{vendor}不提供），群里 @ 不到",
    "{n} person has no number ({vendor} gives none) and cannot be mentioned in groups | {n} people have no number ({vendor} gives none) and cannot be mentioned in groups",
  ],
  "people.left": [
    "{n} 位在{vendor}里已经没有了，可能已离职。账号和排班保持不变，要停用请点：",
    "{n} person is no longer in {vendor} and may have left. The account stays until you switch it off: | {n} people are no longer in {vendor} and may have left. Their accounts stay until you switch them off:",
  ],
  "people.switch_off": ["停用", "Switch off"],
  "people.switch_off_named": ["停用{name}", "Switch off {name}"],
  "people.switch_off_text": [
    "{name}会从所有设备退出，不能登录，也不再提醒。排班和历史记录保留，可以重新启用。",
    "{name} is signed out everywhere, cannot sign in and is not reminded. Shifts and history stay, and the account can be reactivated.",
  ],
  "people.is_off": ["已停用", "Switched off"],
  "setup.open": ["接入考勤系统", "Connect an attendance system"],
  "setup.open_text": [
    "成员、班次和排班都可以从钉钉、飞书或企业微信读取，不用手工录入。",
    "People, shifts and rosters can be read from DingTalk, Feishu or WeCom; nothing has to be typed.",
  ],
  "setup.vendor": ["考勤系统", "Attendance system"],
  "setup.title": ["从{vendor}读取成员和排班", "People and rosters from {vendor}"],
  "setup.app": ["建应用", "App"],
  "setup.permissions": ["查权限", "Permissions"],
  "setup.people": ["选部门", "Departments"],
  "setup.preview": ["预览", "Preview"],
  "setup.done": ["完成", "Done"],
  "setup.source": ["{vendor}考勤", "{vendor} attendance"],
  "setup.dingtalk_1": [
    "打开 open-dev.dingtalk.com，用管理员账号登录，「应用开发」→「企业内部应用」→「创建应用」，名字随意。",
    "Open open-dev.dingtalk.com as an administrator of the organisation: 应用开发 → 企业内部应用 → 创建应用. The name does not matter.",
  ],
  "setup.dingtalk_2": [
    "在应用的「权限管理」里，逐个搜索并开通：",
    "Under 权限管理 of the app, search for each of these and grant it:",
  ],
  "setup.dingtalk_3": [
    "「权限管理」→「通讯录权限范围」选「全部员工」。",
    "Under 权限管理 → 通讯录权限范围, choose 全部员工.",
  ],
  "setup.dingtalk_4": ["在「凭证与基础信息」里复制下面两项。", "Copy these two from 凭证与基础信息."],
  "setup.feishu_1": [
    "打开 open.feishu.cn/app，用管理员账号登录，「创建企业自建应用」，名字随意。",
    "Open open.feishu.cn/app as an administrator of the organisation: 创建企业自建应用. The name does not matter.",
  ],
  "setup.feishu_2": [
    "在应用的「权限管理」里，逐个搜索并开通：",
    "Under 权限管理 of the app, search for each of these and grant it:",
  ],
  "setup.feishu_3": [
    "「权限管理」→ 通讯录的「数据权限」选「全部成员」。",
    "Under 权限管理, set 数据权限 of the directory to 全部成员.",
  ],
  "setup.feishu_4": [
    "「版本管理与发布」→ 创建版本，可用范围选全部成员，发布。以后每次改权限都要再发布一次。",
    "Under 版本管理与发布, create a version for all members and publish it, and again whenever a permission changes.",
  ],
  "setup.feishu_5": [
    "打开考勤管理后台 →「API 接入」，授权这个应用一次。",
    "In the attendance console (考勤管理后台), authorise the app once under API 接入.",
  ],
  "setup.feishu_6": ["在「凭证与基础信息」里复制下面两项。", "Copy these two from 凭证与基础信息."],
  "setup.wecom_1": [
    "打开 work.weixin.qq.com，用管理员账号登录，「应用管理」→「创建应用」，名字随意。",
    "Open work.weixin.qq.com as an administrator: 应用管理 → 创建应用. The name does not matter.",
  ],
  "setup.wecom_2": [
    "逐个设置，都要包括这个应用和所有要提醒的人。不知道服务器的出口 IP 时先继续，检查权限时会写出来：",
    "Set each of these, for this app and everybody who is to be reminded. If you do not know the server's public address, go on: the next step names it.",
  ],
  "setup.wecom_3": [
    "在「我的企业」里复制 CorpID，在应用里复制 Secret。",
    "Copy the CorpID from 我的企业 and the Secret from the app.",
  ],
  "setup.to_permissions": ["保存并检查权限", "Save and try the permissions"],
  "setup.trying": ["正在逐项检查权限…", "Trying each permission…"],
  "setup.saved": ["已经保存过「{name}」（{team}）的应用。", "The app of “{name}” ({team}) is saved already."],
  "setup.resume": ["用它继续", "Go on with it"],
  "setup.is_refused": ["连不上这个应用", "The app is refused"],
  "setup.is_ok": ["已开通", "Granted"],
  "setup.is_missing": ["没有", "Missing"],
  "setup.is_unknown": ["没有查出来", "Not known"],
  "setup.optional": ["（可选）", "(optional)"],
  "setup.again": ["重新检查", "Try again"],
  "setup.to_app": ["修改应用密钥", "Change the app's key"],
  "setup.to_people": ["读取部门", "Read the departments"],
  "setup.reading_people": ["正在读取部门和成员…", "Reading departments and people…"],
  "setup.people_text": [
    "哪些部门的人归哪个班组？下级部门跟随上级，除非另外选择。",
    "Whose people belong to which team? Lower departments follow unless chosen themselves.",
  ],
  "setup.people_text_admin": [
    "哪些部门的人归哪个班组？可以用已有的班组，也可以新建。下级部门跟随上级，除非另外选择。",
    "Whose people belong to which team? Choose one of the teams, or a new one. Lower departments follow unless chosen themselves.",
  ],
  "setup.to_preview": ["预览", "Preview"],
  "setup.preview_text": [
    "到这里还什么都没有写入。写入后，未来 14 天的提醒立即排好。",
    "Nothing is written yet. Once it is, the reminders of the next 14 days are planned.",
  ],
  "setup.back": ["返回", "Back"],
  "setup.done_text": [
    "成员不需要密码就会收到提醒。要让他们自己登录，可以用{vendor}登录，或在「成员」里发邀请链接。",
    "People are reminded without a password. To let them sign in, use {vendor}, or send invitations from People.",
  ],
  "setup.no_channel": [
    "还没有通知渠道：提醒只留在「今天」，不会发到群里或手机上。",
    "There is no channel yet: reminders stay on Today and reach no group and no phone.",
  ],
  "setup.add_channel": ["添加通知渠道", "Add a channel"],
  "setup.finish": ["完成", "Done"],
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
