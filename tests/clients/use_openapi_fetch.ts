import createClient from "openapi-fetch";
import type { paths } from "./made/openapi-fetch/schema";
import { day, roundTrip, server, token } from "./given";

const client = createClient<paths>({ baseUrl: server, headers: { Authorization: `Bearer ${token}` } });

await roundTrip({
  async download() {
    const query = { from: day, to: day };
    const { data } = await client.GET("/api/v1/roster/export", { params: { query }, parseAs: "blob" });
    if (!data) throw new Error("no file");
    return data;
  },
  async upload(file) {
    const { data } = await client.POST("/api/v1/roster/import", {
      params: { query: { dry_run: true } },
      body: { file },
      bodySerializer(body) {
        const form = new FormData();
        form.append("file", body.file);
        return form;
      },
    });
    return { unchanged: data?.outcome?.same ?? 0 };
  },
});
