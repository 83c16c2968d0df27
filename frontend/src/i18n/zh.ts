/** The words of the app. This catalogue sets the keys; every other has the same. */
export const zh = {
  "action.close": "关闭",
  "action.cancel": "取消",
  "action.save": "保存",
  "action.create": "新建",
  "action.delete": "删除",
  "action.edit": "编辑",
  "action.retry": "再试一次",
  "action.reload": "重新载入",
  "action.undo": "撤销",
  "action.more": "再看更早的",

  "app.name": "打卡",

  "auth.sign_in": "登录",
  "auth.set_up": "第一次使用",
  "auth.set_up_text": "还没有任何账号。先建一个管理员，之后由他添加成员。",
  "auth.username": "用户名",
  "auth.password": "密码",
  "auth.password_hint": "至少 {n} 个字符。",
  "auth.create": "建立账号",
  "auth.forgot": "忘了密码？请管理员为你重设。",

  "day.today": "今天",
  "day.tomorrow": "明天",
  "day.yesterday": "昨天",

  "errors.offline": "连不上服务器",
  "errors.offline_text": "可能是网络断了，也可能是服务器没在运行。提醒由服务器发出，与这个页面无关。",
  "errors.page": "这一页没能读出来",
  "errors.page_code": "页面的文件没有取到，可能刚刚升级过。重新载入就好。",
  "errors.unexpected": "出了意料之外的问题。请再试一次；若还是不行，请把时间告诉管理员。",
  "errors.server": "服务器出错了，这次没有改动任何东西。请稍后再试。",
  "errors.not_signed_in": "登录已过期，请重新登录。",
  "errors.wrong_credentials": "用户名或密码不对。",
  "errors.forbidden": "你没有做这件事的权限。",
  "errors.not_found": "找不到，可能已被删除。",
  "errors.conflict": "与现在的状态冲突，没有保存。",
  "errors.too_many_requests": "尝试太多次了，请等 {n} 秒再试。",
  "errors.already_set_up": "已经有账号了，请登录。",
  "errors.invalid_input": "填写的内容有问题，没有保存。",

  "language.zh": "中文",
  "language.en": "English",

  loading: "正在读取…",

  "nav.label": "主导航",
  "nav.skip": "跳到内容",

  offline: "与服务器的连接断了，正在重连。下面的内容可能不是最新的。",

  "page.today": "今天",
  "page.calendar": "日历",
  "page.roster": "排班",
  "page.shifts": "班次",
  "page.channels": "渠道",
  "page.log": "记录",
  "page.people": "成员",
  "page.settings": "设置",
  "page.more": "更多",
  "page.none": "没有这一页",
  "page.none_text": "这个地址下没有内容。",
  "page.none_step": "回到今天",

  "person.display_name": "姓名",

  "span.minutes": "{n} 分钟",
  "span.hours": "{n} 小时",
  "span.late_seconds": "+{n} 秒",
  "span.late": "+{span}",

  "state.waiting": "待提醒",
  "state.nagging": "提醒中",
  "state.done": "已打卡",
  "state.missed": "错过",
  "state.skipped": "跳过",
} as const satisfies Record<string, string>;

export type Key = keyof typeof zh;
export type Catalogue = Readonly<Record<Key, string>>;
