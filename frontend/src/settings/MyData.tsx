import { useState } from "preact/hooks";
import { send } from "../api/client";
import { sayProblem } from "../api/problem";
import { saveAnswer } from "../lib/keep";
import { Button } from "../ui/Button";
import { say } from "../ui/Toast";
import { word } from "./words";

export function MyData() {
  const [isBusy, setBusy] = useState(false);
  async function exportAll() {
    setBusy(true);
    try {
      await saveAnswer(await send("/api/v1/me/export"), "daka.json");
    } catch (error) {
      say(sayProblem(error), { isProblem: true });
    }
    setBusy(false);
  }
  return (
    <section class="section">
      <h2>{word("data.title")}</h2>
      <p class="soft">{word("data.text")}</p>
      <div>
        <Button isBusy={isBusy} onClick={() => void exportAll()}>
          {word("data.export")}
        </Button>
      </div>
    </section>
  );
}
