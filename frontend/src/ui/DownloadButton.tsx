import { send } from "../api/client";
import { downloadResponse } from "../lib/download";
import { attempt, useRunning } from "./attempt";
import { Button, type ButtonLook } from "./Button";

/** Fetches a file, under the name that the server gives it or else `name`. */
export function DownloadButton(props: { address: string; name: string; label: string; look?: ButtonLook }) {
  const [running, run] = useRunning<"download">();
  const download = async () => downloadResponse(await send(props.address), props.name);
  return (
    <Button
      look={props.look}
      isBusy={running !== null}
      onClick={() => void run("download", () => attempt(download))}
    >
      {props.label}
    </Button>
  );
}
