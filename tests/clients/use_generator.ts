import { Configuration, RosterApi } from "./made/generator";
import { day, roundTrip, server, token } from "./given";

const roster = new RosterApi(new Configuration({ basePath: server, accessToken: token }));
const date = new Date(`${day}T00:00:00Z`);

await roundTrip({
  download: () => roster.rosterExport({ from: date, to: date }),
  async upload(file) {
    const { outcome } = await roster.rosterImport({ file, dryRun: true });
    return { unchanged: outcome?.same ?? 0 };
  },
});
