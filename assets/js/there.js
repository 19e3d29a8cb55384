/** A signal that is aborted when htmx takes the element away: what listens or draws for it ends then. */
export const whileThere = (element) => {
  const there = new AbortController();
  const { signal } = there;
  document.addEventListener("htmx:beforeCleanupElement", ({ detail }) => detail.elt === element && there.abort(), { signal });
  return signal;
};
