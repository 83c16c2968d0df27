/** What a page that nobody looks at waits instead: it paints no frames. */
const UNSEEN_MS = 100;

/** Comes when what was changed just now can be seen: the place for work that nobody should have to wait for. */
export const nextPaint = () =>
  new Promise<void>((done) => {
    requestAnimationFrame(() => setTimeout(done));
    setTimeout(done, UNSEEN_MS);
  });
