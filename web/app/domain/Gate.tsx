// Gate shows the dialog that a request waits for. Most visits need none: they are loaded when they are asked for.
import {lazy, Suspense, useSyncExternalStore} from 'react';
import {gate} from '../api/gate.ts';

const SignIn = lazy(() => import('./GateDialogs.tsx').then(m => ({default: m.SignIn})));
const Proof = lazy(() => import('./GateDialogs.tsx').then(m => ({default: m.Proof})));

export function Gate() {
  const ask = useSyncExternalStore(gate.subscribe, gate.asked);
  if (ask === undefined) return null;
  return <Suspense>{ask === 'sign-in' ? <SignIn /> : <Proof />}</Suspense>;
}
