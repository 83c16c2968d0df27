/** What a shortcut or a script needs, filled in: to copy, or to paste whole. */
export interface Snippets {
  recordUrl: string;
  askUrl: string;
  header: string;
  curl: string;
  python: string;
}

/** `origin` is the server's address as this browser knows it; a phone has to reach it, too. */
export function snippetsFor(origin: string, token: string): Snippets {
  const recordUrl = `${origin}/api/v1/punches`;
  const askUrl = `${recordUrl}/current`;
  const header = `Bearer ${token}`;
  return {
    recordUrl,
    askUrl,
    header,
    curl: `curl -X POST ${recordUrl} -H "Authorization: ${header}"`,
    python: [
      "import json, urllib.request",
      "",
      `asked = urllib.request.Request("${askUrl}", headers={"Authorization": "${header}"})`,
      'print(json.load(urllib.request.urlopen(asked))["text"])',
    ].join("\n"),
  };
}
