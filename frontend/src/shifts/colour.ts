/**
 * Twelve hues of equal lightness, in the order of the wheel, named `hue-1` … `hue-12` here, in the stylesheet and by the
 * server.
 */
export const HUES: readonly { hue: number; hex: string }[] = [
  { hue: 20, hex: "#d17273" },
  { hue: 50, hex: "#cc7b4b" },
  { hue: 78, hex: "#ba882e" },
  { hue: 103, hex: "#a09530" },
  { hue: 130, hex: "#7aa14e" },
  { hue: 158, hex: "#46a876" },
  { hue: 188, hex: "#06a89f" },
  { hue: 222, hex: "#0da2c6" },
  { hue: 252, hex: "#5896d9" },
  { hue: 285, hex: "#8b87d8" },
  { hue: 315, hex: "#ae7bc5" },
  { hue: 350, hex: "#c8729c" },
];

function linear(channel: number): number {
  const c = channel / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
}

/** Chroma and hue of `#rrggbb` in OKLCH (Björn Ottosson's matrices). */
export function chromaAndHueOf(hex: string): { chroma: number; hue: number } | null {
  const match = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex.trim());
  if (!match) return null;
  const [r = 0, g = 0, b = 0] = match.slice(1).map((part) => linear(Number.parseInt(part, 16)));
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const bb = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  return { chroma: Math.hypot(a, bb), hue: ((Math.atan2(bb, a) * 180) / Math.PI + 360) % 360 };
}

/** Below this a colour is a grey, and a grey is no shift colour. */
const GREY_CHROMA = 0.02;

/** Which of the twelve a colour is nearest to; null for greys and for what is no colour. */
export function nearestHue(hex: string | null | undefined): number | null {
  const colour = hex ? chromaAndHueOf(hex) : null;
  if (!colour || colour.chroma < GREY_CHROMA) return null;
  let nearest = 0;
  let smallest = 360;
  HUES.forEach(({ hue }, index) => {
    const away = Math.abs(hue - colour.hue);
    const distance = Math.min(away, 360 - away);
    if (distance < smallest) {
      smallest = distance;
      nearest = index;
    }
  });
  return nearest;
}

const classes = new Map<string, string>();

/** The class of a colour as the server keeps it: one of the twelve names, or `#rrggbb`. */
export function hueClassOf(color: string | null | undefined): string {
  const key = color ?? "";
  let known = classes.get(key);
  if (known === undefined) {
    const named = /^hue-([1-9]|1[0-2])$/.test(key);
    const hue = nearestHue(color);
    known = named ? key : hue === null ? "hue-none" : `hue-${hue + 1}`;
    classes.set(key, known);
  }
  return known;
}
