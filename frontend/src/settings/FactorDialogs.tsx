import { useState } from "preact/hooks";
import { api } from "../api/client";
import type { components } from "../api/schema";
import { me } from "../api/session";
import { CopyButton } from "../parts/CopyButton";
import { downloadAs } from "../parts/download";
import { QrCode } from "../parts/QrCode";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/Field";
import { DialogForm, useForm } from "../ui/Form";
import { showToast } from "../ui/Toast";
import { PasswordForm } from "./PasswordForm";
import { t } from "./words";

interface FactorDialogProps {
  onClose: () => void;
}

/** Password, then the QR code and a first code of the app, then the recovery codes, which are shown this once. */
export function SetUpFactor({ onClose }: FactorDialogProps) {
  const [begun, setBegun] = useState<components["schemas"]["SecondFactorBegun"] | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  if (codes) return <RecoveryCodes codes={codes} onClose={onClose} />;
  return (
    <Dialog title={t("factor.begin")} onClose={onClose}>
      {begun ? (
        <FirstCode begun={begun} onCodes={setCodes} onClose={onClose} />
      ) : (
        <PasswordForm
          action={t("factor.next")}
          onClose={onClose}
          onPassword={async (current_password) =>
            setBegun(await api.post("/api/v1/me/second-factor", { body: { current_password } }))
          }
        />
      )}
    </Dialog>
  );
}

export function DropFactor({ onClose }: FactorDialogProps) {
  return (
    <Dialog title={t("factor.off_title")} onClose={onClose}>
      <p>{t("factor.off_text")}</p>
      <PasswordForm
        action={t("factor.off")}
        onClose={onClose}
        onPassword={async (current_password) => {
          await api.post("/api/v1/me/second-factor/off", { body: { current_password } });
          showToast(t("factor.is_off"));
          onClose();
        }}
      />
    </Dialog>
  );
}

/** It cannot scan its own screen. */
const isPhone = matchMedia("(pointer: coarse)").matches;

function FirstCode(props: {
  begun: components["schemas"]["SecondFactorBegun"];
  onCodes: (codes: string[]) => void;
  onClose: () => void;
}) {
  const { begun } = props;
  const form = useForm({ code: "" }, async ({ code }) => {
    const body = { code: code.replace(/\s/g, "") };
    props.onCodes((await api.post("/api/v1/me/second-factor/confirm", { body })).recovery_codes);
  });
  return (
    <DialogForm of={form} action={t("factor.confirm")} onClose={props.onClose}>
      <p>{t("factor.scan")}</p>
      <QrCode svg={begun.qr_svg} label={t("factor.qr")} />
      {isPhone && (
        <a class="button plain" href={begun.uri}>
          {t("factor.open")}
        </a>
      )}
      <p class="soft small">
        {t("factor.by_hand")} <code class="secret">{begun.secret.match(/.{1,4}/g)?.join(" ")}</code>
      </p>
      <div>
        <CopyButton text={begun.secret} label={t("factor.copy_secret")} look="quiet" />
      </div>
      <TextField
        label={t("factor.code")}
        autocomplete="one-time-code"
        inputMode="numeric"
        required
        minLength={6}
        maxLength={12}
        {...form.field("code")}
      />
    </DialogForm>
  );
}

function RecoveryCodes({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  const text = codes.join("\n");
  const heading = t("factor.file", { name: me.value?.username ?? "" });
  return (
    <Dialog title={t("factor.codes")} isFirm onClose={onClose}>
      <div class="form">
        <p>{t("factor.codes_text")}</p>
        <ul class="recovery-codes">
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ul>
        <footer class="form-foot">
          <Button look="main" onClick={onClose}>
            {t("factor.done")}
          </Button>
          <CopyButton text={text} label={t("factor.copy")} />
          <Button
            onClick={() =>
              downloadAs(
                "daka-recovery-codes.txt",
                new Blob([`${heading}\n\n${text}\n`], { type: "text/plain" }),
              )
            }
          >
            {t("factor.save")}
          </Button>
        </footer>
      </div>
    </Dialog>
  );
}
