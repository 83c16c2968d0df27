import type { ButtonHTMLAttributes, ComponentChildren } from "preact";
import { Icon, type IconName } from "./Icon";

/** `act` is vermilion: only for what must be done now. `main` is ink, `plain` an outline, `quiet` bare words. */
export type ButtonLook = "act" | "main" | "plain" | "quiet";

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "icon"> {
  look?: ButtonLook;
  icon?: IconName;
  isBusy?: boolean;
  children?: ComponentChildren;
}

/** While it is busy it does nothing, but keeps the focus: a disabled button would lose it, and with it the keyboard's place. */
export function Button({
  look = "plain",
  icon,
  isBusy,
  children,
  class: more,
  type,
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={type ?? "button"}
      class={`button ${look} ${more ?? ""}`}
      aria-busy={isBusy || undefined}
      aria-disabled={isBusy || undefined}
      onClick={isBusy ? (event) => event.preventDefault() : onClick}
    >
      {icon && <Icon name={icon} size={18} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "icon" | "label"> {
  icon: IconName;
  label: string;
}

export function IconButton({ icon, label, class: more, ...rest }: IconButtonProps) {
  return (
    <button title={label} {...rest} type="button" class={`icon-button ${more ?? ""}`} aria-label={label}>
      <Icon name={icon} />
    </button>
  );
}
