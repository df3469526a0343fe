// What a person is asked for in the middle of something: to sign in again, or to show again who they are. The dialog lies over the page, which keeps
// what was typed; then the same request goes on.
export type Ask = 'sign-in' | 'proof';

interface Asked {ask: Ask; answered: Promise<boolean>; answer: (go: boolean) => void}

let asked: Asked | undefined;
const watchers = new Set<() => void>();
const tell = () => { for (const w of watchers) w(); };

export const gate = {
  // ask resolves with true when the person did it, with false when they left it.
  ask(ask: Ask): Promise<boolean> {
    if (asked !== undefined) return asked.ask === ask ? asked.answered : asked.answered.then(go => go && gate.ask(ask));
    let answer: (go: boolean) => void = () => undefined;
    const answered = new Promise<boolean>(done => { answer = done; });
    asked = {ask, answered, answer};
    tell();
    return answered;
  },
  answer(go: boolean): void {
    const was = asked;
    asked = undefined;
    tell();
    was?.answer(go);
  },
  asked: (): Ask | undefined => asked?.ask,
  subscribe(watcher: () => void): () => void {
    watchers.add(watcher);
    return () => { watchers.delete(watcher); };
  },
};
