import { client } from "./made/heyapi/client.gen";
import { rosterExport, rosterImport } from "./made/heyapi/sdk.gen";
import { day, roundTrip, server, token } from "./given";

client.setConfig({ baseUrl: server, auth: token });

await roundTrip({
  async download() {
    const { data } = await rosterExport({ query: { from: day, to: day }, throwOnError: true });
    return data;
  },
  async upload(file) {
    const { data } = await rosterImport({ body: { file }, query: { dry_run: true }, throwOnError: true });
    return { unchanged: data.outcome?.same ?? 0 };
  },
});
