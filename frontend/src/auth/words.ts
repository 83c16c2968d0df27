import { createTranslator } from "../i18n";

export const zh = {
  "code.title": "两步验证",
  "code.text": "打开手机上的验证器，输入六位数字。手机不在身边时，可以用备用码。",
  "code.label": "验证码或备用码",
  "code.back": "重新输入密码",

  "link.title_invitation": "欢迎，{name}",
  "link.title_reset": "重设密码",
  "link.title": "设置密码",
  "link.text_invitation": "请设置密码，以后用用户名 {username} 登录。",
  "link.text_reset": "{name}（{username}），请设置新密码。其他设备需要重新登录。",
  "link.until": "链接在 {when} 之前有效，只能用一次。",
  "link.password": "新密码",
  "link.again": "再输一次",
  "link.differ": "两次输入不一致。",
  "link.set": "设置密码",
  "link.gone": "链接已失效",
  "link.done": "密码已设置。",
  "link.enter": "去登录",
} as const satisfies Record<string, string>;

export const en: Record<keyof typeof zh, string> = {
  "code.title": "Second factor",
  "code.text":
    "Open the authenticator app on your phone and enter its six digits. Without your phone, use a recovery code.",
  "code.label": "Code or recovery code",
  "code.back": "Enter the password again",

  "link.title_invitation": "Welcome, {name}",
  "link.title_reset": "Reset password",
  "link.title": "Set a password",
  "link.text_invitation": "Choose a password. You will sign in with the user name {username}.",
  "link.text_reset": "{name} ({username}), choose a new password. Other devices must sign in again.",
  "link.until": "The link is valid until {when} and works once.",
  "link.password": "New password",
  "link.again": "Repeat password",
  "link.differ": "The passwords do not match.",
  "link.set": "Set the password",
  "link.gone": "This link is no longer valid",
  "link.done": "The password is set.",
  "link.enter": "Sign in",
};

export const t = createTranslator(zh, en);
