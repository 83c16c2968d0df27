import { rosterExport, rosterImport } from "./made/orval/daka";
import { day, roundTrip, server, token } from "./given";

const fetchFromRoot = globalThis.fetch;
globalThis.fetch = (url, init) => fetchFromRoot(new URL(String(url), server), init);
const signedIn = { headers: { Authorization: `Bearer ${token}` } };

await roundTrip({
  async download() {
    const answer = await rosterExport({ from: day, to: day, format: "xlsx" }, signedIn);
    if (answer.status !== 200) throw new Error(`${answer.status}`);
    return answer.data;
  },
  async upload(file) {
    const answer = await rosterImport({ file }, { dry_run: true }, signedIn);
    if (answer.status !== 200) throw new Error(`${answer.status}`);
    return { unchanged: answer.data.outcome?.same ?? 0 };
  },
});
