/** Hands a file to the person. */
export function downloadAs(name: string, content: Blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** The file that the server answered with, under the name it gave it. */
export async function downloadResponse(response: Response, otherwise: string) {
  const named = response.headers.get("Content-Disposition")?.match(/filename="([^"]+)"/)?.[1];
  downloadAs(named ?? otherwise, await response.blob());
}
