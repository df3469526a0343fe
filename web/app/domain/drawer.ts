// Whether the drawer of the sandbox is open: it stands in the frame, and pages open it.
let open = false;
const watchers = new Set<() => void>();

export const drawer = {
  set(to: boolean): void { open = to; for (const w of watchers) w(); },
  is: (): boolean => open,
  subscribe(watcher: () => void): () => void {
    watchers.add(watcher);
    return () => { watchers.delete(watcher); };
  },
};
