import { createTranslator, type Words } from "../i18n";

export const words = {
  "device.title": ["我的设备", "My devices"],
  "device.text": [
    "你的账号在这些设备上登录。如有不认识的设备，请让它退出并修改密码。",
    "Your account is signed in on these devices. Sign out any you do not recognize, then change your password.",
  ],
  "device.here": ["本机", "this device"],
  "device.used": ["上次使用 {when}", "Last used {when}"],
  "device.sign_out": ["退出", "Sign out"],
  "device.sign_out_named": ["让「{name}」退出", "Sign out “{name}”"],
  "device.signed_out": ["「{name}」已退出。", "“{name}” is signed out."],
  "device.others": ["退出其他所有设备", "Sign out all other devices"],
  "device.others_out": ["其他设备都已退出。", "All other devices are signed out."],
  "device.everywhere": ["退出所有设备，包括本机", "Sign out everywhere, including here"],
  "device.unknown": ["未知设备", "Unknown device"],
  "device.on": ["{browser} · {system}", "{browser} · {system}"],

  "factor.title": ["两步验证", "Second factor"],
  "factor.text": [
    "登录时除了密码，还需要手机验证器里的六位数字。别人即使知道密码也无法登录。",
    "Signing in then needs the password and six digits from an app on your phone. The password alone is not enough.",
  ],
  "factor.on": [
    "已开启。还有 {n} 个备用码。",
    "It is on. {n} recovery code is left. | It is on. {n} recovery codes are left.",
  ],
  "factor.begin": ["设置两步验证", "Set up a second factor"],
  "factor.off": ["关闭", "Turn off"],
  "factor.off_title": ["关闭两步验证？", "Turn the second factor off?"],
  "factor.off_text": ["以后只凭密码就能登录。", "The password alone will be enough to sign in."],
  "factor.is_off": ["两步验证已关闭。", "The second factor is off."],
  "factor.password": ["先输入现在的密码", "Enter your current password"],
  "factor.next": ["下一步", "Next"],
  "factor.scan": [
    "用验证器（Microsoft Authenticator、FreeOTP、1Password 等）扫描二维码。",
    "Scan this with an authenticator app (Microsoft Authenticator, FreeOTP, 1Password …).",
  ],
  "factor.qr": ["两步验证的二维码", "QR code for the second factor"],
  "factor.by_hand": ["无法扫描？请手动输入：", "Cannot scan? Enter it by hand:"],
  "factor.code": ["验证器里的六位数字", "Six digits from the app"],
  "factor.confirm": ["开启", "Turn on"],
  "factor.codes": ["请保存备用码", "Save your recovery codes"],
  "factor.codes_text": [
    "手机丢失时用备用码登录，每个只能用一次。备用码只显示这一次。",
    "If you lose your phone, sign in with these; each works once. They are shown only once.",
  ],
  "factor.copy": ["复制", "Copy"],
  "factor.save": ["保存为文件", "Save as a file"],
  "factor.done": ["我已保存", "I have saved them"],
  "factor.file": [
    "Daka 备用码（{name}），每个只能用一次：",
    "Daka recovery codes ({name}); each works once:",
  ],

  "connection.title": ["其他登录方式", "Other ways to sign in"],
  "connection.text": [
    "连接之后，扫码或用对应的账号就能登录，无需输入密码。",
    "Once connected, you sign in by scanning a code or with that account, without a password.",
  ],
  "connection.since": ["{when}连接", "Connected {when}"],
  "connection.none": ["未连接", "Not connected"],
  "connection.connect": ["连接", "Connect"],
  "connection.connect_named": ["连接{name}", "Connect {name}"],
  "connection.disconnect": ["断开", "Disconnect"],
  "connection.disconnect_named": ["断开{name}", "Disconnect {name}"],
  "connection.made": [
    "{name}已连接，下次可以用它登录。",
    "{name} is connected. You can sign in with it next time.",
  ],
  "connection.ended": ["{name}已断开。", "{name} is disconnected."],
  "connection.next": ["前往{name}确认", "Confirm at {name}"],

  "token.scope": ["权限", "Permissions"],
  "scope.punch:write": ["记录打卡", "record punches"],
  "scope.roster:read": ["读取排班", "read the roster"],
  "scope.reminders:read": ["读取提醒", "read reminders"],
  "token.expires": ["有效期", "Valid for"],
  "token.days": ["{n} 天", "{n} day | {n} days"],
  "token.forever": ["永久有效", "No expiry"],
  "token.until": ["{when}到期", "expires {when}"],
  "token.expired": ["已过期", "expired"],
  "token.copy": ["复制令牌", "Copy the token"],
  "token.revoked": ["「{name}」已作废。", "“{name}” is revoked."],

  "notices.title": ["排班通知", "Roster notices"],
  "notices.text": [
    "发到你自己的通知渠道；没有渠道时，放在「今天」的消息里。",
    "Sent to your own channels; without one, kept among the messages on Today.",
  ],
  "notices.changes": ["未来七天的排班变动时通知我", "Notify me when my next seven days change"],
  "notices.changes_hint": [
    "排班员停止修改十分钟后发一条，改动再多也只发一条。",
    "One message, ten minutes after the planner's last edit, no matter how many edits.",
  ],
  "notices.tomorrow": ["每天通知我明天的班次", "Notify me of tomorrow's shift every day"],
  "notices.tomorrow_hint": [
    "明天没有排班、休息或请假时也会通知。",
    "Also when you have no shift, a rest day or leave.",
  ],
  "notices.hour": ["通知时间", "Time of day"],

  "data.title": ["我的数据", "My data"],
  "data.text": [
    "系统里关于你的全部数据：资料、排班、提醒、打卡、设备，保存在一个 JSON 文件里。",
    "Everything the system stores about you: details, shifts, reminders, punches and devices, in one JSON file.",
  ],
  "data.export": ["导出我的数据", "Export my data"],

  "backup.title": ["备份", "Backups"],
  "backup.last": ["上一次：{when}。", "Last: {when}."],
  "backup.never": ["还没有备份。", "There is no backup yet."],
  "backup.next": ["下一次：{when}。", "Next: {when}."],
  "backup.next_soon": ["下一次：几分钟之内。", "Next: in a few minutes."],
  "backup.off": [
    "没有定时备份（BACKUP_EVERY_HOURS=0）。",
    "No backups are scheduled (BACKUP_EVERY_HOURS=0).",
  ],
  "backup.is_failed": ["最近一次备份失败。", "The latest backup failed."],
  "backup.is_old": [
    "很久没有新备份。请检查后台进程（daka worker）是否在运行。",
    "There has been no new backup for a long time. Check that the background worker (daka worker) is running.",
  ],
  "backup.where": [
    "保存在服务器的 {folder}，最多保留 {keep} 份、{days} 天。",
    "Kept on the server in {folder}, at most {keep} of them, for {days} days.",
  ],
  "backup.encrypting": [
    "备份文件已加密，需要 BACKUP_KEY 才能打开。",
    "The files are encrypted; opening them needs BACKUP_KEY.",
  ],
  "backup.open": [
    "备份文件没有加密，任何人拿到都能读取；设置 BACKUP_KEY 后会加密。",
    "The files are not encrypted: anyone who gets one can read it. Set BACKUP_KEY to encrypt them.",
  ],
  "backup.now": ["立即备份", "Back up now"],
  "backup.all": ["全部 {n} 条", "All {n}"],
  "backup.is_done": ["备份完成。", "Backup finished."],
  "backup.went_wrong": ["备份失败，原因见列表。", "The backup failed; see the list for the reason."],
  "backup.running": ["正在备份", "Backing up"],
  "backup.running_text": ["可以离开这一页。", "You can leave this page."],
  "backup.kept": ["备份完成", "Backed up"],
  "backup.failed": ["失败", "Failed"],
  "backup.missing": ["文件不在本机", "File not here"],
  "backup.missing_text": ["BACKUP_DIR 里找不到它", "Not found in BACKUP_DIR"],
  "backup.rows": ["{n} 行", "{n} row | {n} rows"],
  "backup.encrypted": ["已加密", "encrypted"],
  "backup.not_encrypted": ["未加密", "not encrypted"],
  "backup.take": ["下载", "Download"],
  "backup.take_named": ["下载 {when} 的备份", "Download the backup of {when}"],
  "backup.take_title": ["下载备份", "Download a backup"],
  "backup.take_encrypted": [
    "备份包含所有人的全部数据，没有 BACKUP_KEY 无法打开；请把两者分开保存。下载会记入变更记录。",
    "It contains everyone's data and opens only with BACKUP_KEY; keep the two apart. The download is recorded under Changes.",
  ],
  "backup.take_open": [
    "备份包含所有人的全部数据，而且没有加密，请妥善保存。下载会记入变更记录。",
    "It contains everyone's data and is not encrypted, so keep it safe. The download is recorded under Changes.",
  ],

  "trouble.no_space": [
    "磁盘已满。请清理空间，或减小 BACKUP_KEEP。",
    "The disk is full. Make room, or lower BACKUP_KEEP.",
  ],
  "trouble.not_writable": [
    "备份目录无法写入。请检查 BACKUP_DIR 和它的权限。",
    "The folder is not writable. Check BACKUP_DIR and its permissions.",
  ],
  "trouble.database": [
    "数据库无法读取。请查看服务器日志。",
    "The database could not be read. Check the server log.",
  ],
  "trouble.other_version": [
    "数据库与程序的版本不一致。请运行 daka migrate。",
    "Database and program have different versions. Run daka migrate.",
  ],
  "trouble.not_whole": [
    "备份文件写入后无法读回。请检查磁盘。",
    "The file could not be read back. Check the disk.",
  ],
  "trouble.interrupted": [
    "备份进程中途结束，稍后会重做。",
    "The process ended during the backup; it will be repeated.",
  ],
  "trouble.unknown": ["请查看服务器日志。", "Check the server log."],
} satisfies Words;

export const t = createTranslator(words);
