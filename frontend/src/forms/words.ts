import { createTranslator, type Words } from "../i18n";

export const words = {
  kind: ["种类", "Kind"],
  test_and_save: ["测试并保存", "Test and save"],
  testing: ["正在测试，等待回答……", "Testing and waiting for the answer…"],
  save_anyway: ["仍要保存", "Save anyway"],
  enabled: ["启用", "Enabled"],
  delete_title: ["删除「{name}」？", "Delete “{name}”?"],
  saved: ["已保存", "Saved"],
  keep: ["留空保留已保存的值。", "Leave empty to keep the saved value."],
  clear: ["清除已保存的值", "Clear the saved value"],
  list: ["每行一个。", "One per line."],
  full_stop: ["。", "."],
  like: ["应像这样：{example}", "Expected: {example}"],
  none: ["不指定", "Not set"],
  fill: ["填入成员页面上的 userid", "Fill in from people's pages"],
  filled: [
    "填入了 {n} 人，请核对后保存。",
    "{n} person filled in. Check them before you save. | {n} people filled in. Check them before you save.",
  ],
  fill_nothing: ["成员页面上没有更多的 userid。", "People's pages have no further userids."],
} satisfies Words;

export const t = createTranslator(words);
