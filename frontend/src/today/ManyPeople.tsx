import type { ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api/client";
import { ReadMore } from "../parts/ReadMore";
import { Button } from "../ui/Button";
import type { GroupsProps, PeopleProps } from "./Groups";
import { type Read, readQuery, restOf, withRead } from "./peoplePages";
import { keyOf, type ShiftGroup } from "./shiftGroups";
import { t } from "./words";

/** Groups are drawn by the page itself, which draws them for small teams as well. */
export interface ManyPeopleProps extends PeopleProps {
  Groups: ComponentType<GroupsProps>;
}

const PAGE = 100;
const MOST = 500;

/** The people of a large company: who needs attention, and the others of a group or a number page by page. */
export function ManyPeople({ groups, filter, onChanged, Groups }: ManyPeopleProps) {
  /** What was read, by group or by number. */
  const [read, setRead] = useState<Readonly<Record<string, Read>>>({});
  const known = useRef(read);
  known.current = read;
  const [reading, setReading] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);

  /** The next page, or all that was read as it is now. */
  async function fetchPeople(key: string, again = false) {
    const before = again ? undefined : known.current[key];
    const found = again ? (known.current[key]?.groups.flatMap((group) => group.people).length ?? 0) : 0;
    const limit = Math.min(Math.max(found, PAGE), MOST);
    const group = groups.find((each) => keyOf(each) === key);
    setError(null);
    try {
      const query = { ...readQuery(key, group), limit, cursor: before?.cursor ?? undefined };
      const page = await api.get("/api/v1/dashboard/people", { query });
      const all = [...(before?.groups ?? []), ...page.items];
      setRead((now) => ({ ...now, [key]: { groups: all, cursor: page.next_cursor } }));
    } catch (problem) {
      setError(problem);
    }
  }
  async function readMore(key: string) {
    setReading(key);
    await fetchPeople(key);
    setReading(null);
  }

  useEffect(() => {
    for (const key of Object.keys(known.current)) void fetchPeople(key, true);
  }, [groups]);
  useEffect(() => {
    if (filter && !known.current[filter]) void readMore(filter);
  }, [filter]);

  if (filter) {
    const found = read[filter];
    const shown = found ? withRead([], found.groups) : [];
    const pages = {
      error,
      hasMore: found ? found.cursor !== null : true,
      isReading: reading === filter,
      readMore: () => readMore(filter),
    };
    return (
      <>
        {found && <Groups groups={shown} known={shown} isFiltered onChanged={onChanged} />}
        <ReadMore pages={pages} />
      </>
    );
  }
  const shown = groups
    .filter((group) => !group.shift.is_rest)
    .map((group) => withRead([group], read[keyOf(group)]?.groups ?? [])[0] ?? group);
  const rest = (group: ShiftGroup) =>
    restOf(group) > 0 && (
      <li>
        <Button look="quiet" isBusy={reading === keyOf(group)} onClick={() => void readMore(keyOf(group))}>
          {t(group.people.length > 0 ? "rest" : "see_people", { n: restOf(group) })}
        </Button>
      </li>
    );
  return <Groups groups={shown} known={shown} isFiltered={false} after={rest} onChanged={onChanged} />;
}
