import { createTranslator, type Words } from "../i18n";

export const words = {
  "set_up.title": ["第一次使用", "First-time setup"],
  "set_up.text": [
    "还没有任何账号。请先创建管理员，再由管理员添加成员。",
    "There are no accounts yet. Create the first administrator, who can then add everyone else.",
  ],
  "set_up.from_browser": [
    "语言和时区取自浏览器，可以修改。班次的时间按这个时区计算。",
    "Language and time zone are the browser's; change them if they are wrong. Shift times are in this zone.",
  ],
  "set_up.create": ["创建账号", "Create account"],
  "set_up.team": ["我的班组", "My team"],

  "code.title": ["两步验证", "Second factor"],
  "code.text": [
    "打开手机上的验证器，输入六位数字。手机不在身边时，可以用备用码。",
    "Open the authenticator app on your phone and enter its six digits. Without your phone, use a recovery code.",
  ],
  "code.lost": [
    "验证器和备用码都没有了？请管理员在你的成员页「关闭两步验证」。",
    "Neither the app nor a recovery code? An administrator can turn your second factor off on your page under People.",
  ],
  "code.label": ["验证码或备用码", "Code or recovery code"],
  "code.back": ["重新输入密码", "Enter the password again"],

  "link.title_invitation": ["欢迎，{name}", "Welcome, {name}"],
  "link.title_reset": ["重设密码", "Reset password"],
  "link.title": ["设置密码", "Set a password"],
  "link.text_invitation": [
    "请设置密码，以后用用户名 {username} 登录。",
    "Choose a password. You will sign in with the user name {username}.",
  ],
  "link.text_reset": [
    "{name}（{username}），请设置新密码。其他设备需要重新登录。",
    "{name} ({username}), choose a new password. Other devices must sign in again.",
  ],
  "link.until": ["链接在{when}前有效，只能用一次。", "The link is valid until {when} and works once."],
  "link.password": ["新密码", "New password"],
  "link.set": ["设置并登录", "Set it and sign in"],
  "link.gone": ["链接已失效", "This link is no longer valid"],
  "link.done": ["密码已设置。", "The password is set."],
  "link.enter": ["去登录", "Sign in"],
} satisfies Words;

export const t = createTranslator(words);
