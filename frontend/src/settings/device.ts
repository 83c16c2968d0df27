/** The first pattern that fits wins: Edge and Opera call themselves Chrome too, Chrome calls itself Safari. */
const BROWSERS: readonly [string, RegExp][] = [
  ["DingTalk", /DingTalk/i],
  ["WeChat", /MicroMessenger/i],
  ["Feishu", /Lark|Feishu/i],
  ["Edge", /Edg(e|A|iOS)?\//],
  ["Opera", /OPR\//],
  ["Firefox", /Firefox\/|FxiOS\//],
  ["Samsung Internet", /SamsungBrowser\//],
  ["Chrome", /Chrome\/|CriOS\/|Chromium\//],
  ["Safari", /Safari\//],
];
const SYSTEMS: readonly [string, RegExp][] = [
  ["iPhone", /iPhone/],
  ["iPad", /iPad/],
  ["HarmonyOS", /HarmonyOS|OpenHarmony/],
  ["Android", /Android/],
  ["Windows", /Windows/],
  ["macOS", /Mac OS X|Macintosh/],
  ["ChromeOS", /CrOS/],
  ["Linux", /Linux|X11/],
];

const firstOf = (names: readonly [string, RegExp][], agent: string) =>
  names.find(([, pattern]) => pattern.test(agent))?.[0] ?? null;

/** What a person calls the thing they hold; a program that is no browser is named by its first word. */
export function deviceOf(userAgent: string): { browser: string | null; system: string | null } {
  const browser = firstOf(BROWSERS, userAgent) ?? (userAgent.match(/^[\w.+-]+/)?.[0] || null);
  return { browser, system: firstOf(SYSTEMS, userAgent) };
}
