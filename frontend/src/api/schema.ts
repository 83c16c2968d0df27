export interface paths {
  "/api/v1/setup": { get: { responses: { 200: { content: { "application/json": { needed: boolean } } } } } };
  "/api/v1/me": { get: { responses: { 200: { content: { "application/json": components["schemas"]["Me"] } } } } };
}
export interface components {
  schemas: { Me: { id: number; username: string; display_name: string; role: "admin" | "planner" | "member"; team_id: number | null } };
}
