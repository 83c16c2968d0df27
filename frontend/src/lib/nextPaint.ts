/** The wait of a hidden page, which paints no frames. */
const UNSEEN_MS = 100;

/** Resolves once the last change is on screen: for work that must not delay it. */
export const nextPaint = () =>
  new Promise<void>((done) => {
    requestAnimationFrame(() => setTimeout(done));
    setTimeout(done, UNSEEN_MS);
  });
