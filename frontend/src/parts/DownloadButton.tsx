import { attempt, useRunning } from "../ui/attempt";
import { Button } from "../ui/Button";
import { download } from "./download";

/** Fetches a file, under the name that the server gives it or else `name`. */
export function DownloadButton({ address, name, label }: { address: string; name: string; label: string }) {
  const [running, run] = useRunning<"download">();
  const start = () => run("download", () => attempt(() => download(address, name)));
  return (
    <Button isBusy={running !== null} onClick={() => void start()}>
      {label}
    </Button>
  );
}
