/** Text as a machine wrote it. Long ones scroll, by keyboard too. */
export function Raw({ label, children }: { label: string; children: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class="raw" tabIndex={0} aria-label={label}>
      <pre>{children}</pre>
    </section>
  );
}
