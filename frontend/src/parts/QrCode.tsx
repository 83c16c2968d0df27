/** A QR code that the server drew, dark on light in both themes: scanners want it so. */
export function QrCode({ svg, label }: { svg: string; label: string }) {
  return <img class="qr-code" src={`data:image/svg+xml,${encodeURIComponent(svg)}`} alt={label} />;
}
