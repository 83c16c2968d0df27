import { send } from "../api/client";

/** Hands a file to the person. */
export function downloadAs(name: string, content: Blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Fetches a file and hands it to the person, under the name that the server gives it. */
export async function download(address: string, otherwise: string, request?: RequestInit) {
  const response = await send(address, request);
  const named = response.headers.get("Content-Disposition")?.match(/filename="([^"]+)"/)?.[1];
  downloadAs(named ?? otherwise, await response.blob());
}
