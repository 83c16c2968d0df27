// What every program is given, and what it says in the end.
declare const process: { env: Record<string, string | undefined> };

function need(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is missing`);
  return value;
}

export const server = need("DAKA");
export const token = need("TOKEN");
export const day = need("DAY");

/** Downloads the roster, uploads it again, and expects a workbook and no change. */
export async function roundTrip(client: {
  download(): Promise<Blob>;
  upload(file: Blob): Promise<{ unchanged: number }>;
}) {
  const file = await client.download();
  const start = new TextDecoder().decode((await file.arrayBuffer()).slice(0, 2));
  if (start !== "PK") throw new Error(`The download is not a workbook: it begins with ${start}`);
  const { unchanged } = await client.upload(new File([file], "roster.xlsx"));
  if (unchanged < 1) throw new Error("The import found nothing");
  console.log(`${file.size} bytes, ${unchanged} unchanged`);
}
