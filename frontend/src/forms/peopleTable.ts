import type { VendorId } from "./schema";

type Person = { id: number; display_name: string; mobile?: string | null } & {
  [id in VendorId]?: string | null;
};

/** A table of people, with a line for everybody whose page has the id and whom no line has yet. */
export function withPeople(table: string, people: readonly Person[], id: VendorId): string {
  const lines = table.split("\n").filter((line) => line.trim());
  const there = new Set(
    lines.map((line) =>
      line
        .trim()
        .split(/[\s,，:：=]+/)
        .at(-1),
    ),
  );
  const names = people.map((person) => person.display_name);
  for (const person of people) {
    const known = person[id];
    if (!known || there.has(known)) continue;
    const isAlone = names.filter((name) => name === person.display_name).length === 1;
    const who = isAlone ? person.display_name : person.mobile;
    if (who) lines.push(`${who} ${known}`);
  }
  return lines.join("\n");
}
