import type { t } from "./words";

type Key = Parameters<typeof t>[0];

/** What differs from vendor to vendor where people and rosters are read. Permissions have their names in the vendor's console. */
export interface Vendor {
  /** Its kind of punch source. */
  kind: string;
  name: Record<string, string>;
  /** How to create the app; the permissions are listed under the last of the first ones. */
  first: readonly Key[];
  last: readonly Key[];
  needed: readonly string[];
  /** The app's credentials: settings of the punch source with their labels, the secret one last. */
  fields: readonly (readonly [setting: string, label: string])[];
  /** Without it people have no numbers. */
  mobiles: string;
}

export const VENDORS: readonly Vendor[] = [
  {
    kind: "dingtalk_attendance",
    name: { zh: "钉钉", en: "DingTalk" },
    first: ["setup.dingtalk_1", "setup.dingtalk_2"],
    needed: [
      "通讯录部门信息读权限",
      "通讯录部门成员读权限",
      "企业员工手机号信息",
      "根据手机号姓名获取成员信息的接口访问权限",
      "考勤组查询",
      "考勤数据读权限",
    ],
    last: ["setup.dingtalk_3", "setup.dingtalk_4"],
    fields: [
      ["app_key", "AppKey (Client ID)"],
      ["app_secret", "AppSecret (Client Secret)"],
    ],
    mobiles: "企业员工手机号信息",
  },
  {
    kind: "feishu_attendance",
    name: { zh: "飞书", en: "Feishu" },
    first: ["setup.feishu_1", "setup.feishu_2"],
    needed: [
      "获取通讯录部门组织架构信息",
      "获取部门基础信息",
      "获取用户基本信息",
      "获取用户组织架构信息",
      "获取用户 user ID",
      "获取用户手机号",
      "通过手机号或邮箱获取用户 ID",
      "导出打卡管理规则",
      "导出打卡数据",
    ],
    last: ["setup.feishu_3", "setup.feishu_4", "setup.feishu_5", "setup.feishu_6"],
    fields: [
      ["app_id", "App ID"],
      ["app_secret", "App Secret"],
    ],
    mobiles: "获取用户手机号",
  },
  {
    kind: "wecom_attendance",
    name: { zh: "企业微信", en: "WeCom" },
    first: ["setup.wecom_1", "setup.wecom_2"],
    needed: ["可见范围", "打卡 › 可调用接口的应用", "企业可信 IP"],
    last: ["setup.wecom_3"],
    fields: [
      ["corp_id", "CorpID"],
      ["corp_secret", "Secret"],
    ],
    mobiles: "",
  },
];

export const vendorOf = (kind: string) => VENDORS.find((vendor) => vendor.kind === kind);
