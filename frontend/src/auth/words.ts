import { createTranslator, type Words } from "../i18n";

export const words = {
  "code.title": ["两步验证", "Second factor"],
  "code.text": [
    "打开手机上的验证器，输入六位数字。手机不在身边时，可以用备用码。",
    "Open the authenticator app on your phone and enter its six digits. Without your phone, use a recovery code.",
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
  "link.until": ["链接在 {when} 之前有效，只能用一次。", "The link is valid until {when} and works once."],
  "link.password": ["新密码", "New password"],
  "link.again": ["再输一次", "Repeat password"],
  "link.differ": ["两次输入不一致。", "The passwords do not match."],
  "link.set": ["设置密码", "Set the password"],
  "link.gone": ["链接已失效", "This link is no longer valid"],
  "link.done": ["密码已设置。", "The password is set."],
  "link.enter": ["去登录", "Sign in"],
} satisfies Words;

export const t = createTranslator(words);
