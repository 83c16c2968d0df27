/** Line icons on a 24 px grid, drawn for this app. */
const SHAPES = {
  today: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v4.2l3 1.8",
  calendar: "M5 6h14v13H5zM5 10h14M9 3.5V7M15 3.5V7M9 14h2",
  roster: "M4 5h16v14H4zM4 9.7h16M4 14.3h16M9.5 5v14M14.8 9.7V19",
  shifts: "M4 8h10M18 8h2M4 16h2M10 16h10M14 5.5h4v5h-4zM6 13.5h4v5H6z",
  channels: "M5 17h14l-1.8-2.6V10a5.2 5.2 0 0 0-10.4 0v4.4zM10 17a2 2 0 0 0 4 0",
  log: "M8 6h12M8 12h12M8 18h12M4 6h.5M4 12h.5M4 18h.5",
  requests: "M4 9h13l-3.500-3.500M20 15H7l3.500 3.500",
  people:
    "M9 5a3.2 3.2 0 1 0 0 6.4A3.2 3.2 0 0 0 9 5M3 19c.5-3.3 2.8-5 6-5s5.500 1.700 6 5M16 5.400a3 3 0 0 1 0 5.600M17.500 14.300c2 .6 3.200 2.200 3.500 4.700",
  audit: "M6 4h9l3 3v13H6zM9 10h6M9 13.500h6M9 17h3",
  settings: "M5 7h8M17 7h2M5 12h2M11 12h8M5 17h7M16 17h3M15 5v4M9 10v4M14 15v4",
  more: "M5 7h14M5 12h14M5 17h14",
  up: "M5.500 14.500 12 8l6.500 6.500",
  back: "M14.500 5.500 8 12l6.500 6.500",
  forward: "M9.500 5.500 16 12l-6.500 6.500",
  close: "M6 6l12 12M18 6 6 18",
  preview:
    "M3 12s3.500-6 9-6 9 6 9 6-3.500 6-9 6-9-6-9-6M12 9.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5",
  plus: "M12 5v14M5 12h14",
  brush: "M14 5l5 5-7.500 7.500-5-5zM6.500 12.500 4 20l7.500-2.500",
  eraser: "M9 19h11M13.500 5 20 11.500 12.500 19H9l-4.500-4.500z",
  undo: "M8.500 5 4.500 9l4 4M4.500 9H14a5 5 0 0 1 0 10H9",
  redo: "M15.500 5l4 4-4 4M19.500 9H10a5 5 0 0 0 0 10h5",
  select: "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M9 9h6v6H9z",
  warning: "M12 4.500 3.500 19h17zM12 10v4.500M12 16.800v.2",
  keyboard: "M3 6.500h18v11H3zM6.500 10h.2M10 10h.2M13.500 10h.2M17 10h.2M8 14h8",
  templates: "M5 5h14v11H11l-4 3.500V16H5zM8.500 9h7M8.500 12h4.500",
  sources: "M12 4v9M8.500 9.500 12 13l3.500-3.500M5 14v5h14v-5",
  check: "M5 12.500l4.500 4.500L19 7.500",
  copy: "M8.500 8.500h11v11h-11zM15.500 8.500v-4h-11v11h4",
  cut: "M8.300 14.700 18 4M15.700 14.700 6 4M6.500 14.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5M17.500 14.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5",
  paste: "M9 5H5.500v15h13V5H15M9 3.500h6v3.500H9zM12 10.500v6M9.300 14l2.700 2.700 2.700-2.700",
  fill_down: "M5 4h14v4.500H5zM12 11.500V20M8.500 16.500 12 20l3.500-3.500",
  fill_right: "M4 5h4.500v14H4zM11.500 12H20M16.500 8.500 20 12l-3.500 3.500",
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name, size = 22 }: { name: IconName; size?: number }) {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={SHAPES[name]} />
    </svg>
  );
}

/** The mark of the app: a clock face, and the one moment that counts. */
export function Seal({ size = 32 }: { size?: number }) {
  return <img class="seal" src="/favicon.svg" width={size} height={size} alt="" />;
}
