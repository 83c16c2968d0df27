/** The zones that the browser knows, and the one in use, which it may know by another name. */
export const zoneChoices = (inUse: string) =>
  [...new Set([inUse, ...Intl.supportedValuesOf("timeZone")])].map((zone) => ({ value: zone, label: zone }));
