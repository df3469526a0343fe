// The dialogs that come in between: sign in again, show again who you are. The page below keeps what was typed.
import {useQuery, useQueryClient} from '@tanstack/react-query';
import {useEffect, useState, type FormEvent} from 'react';
import {signInAddress} from '../api/client.ts';
import {gate} from '../api/gate.ts';
import {getSession, listFactors, onSignedIn, prove, proveByPasskey, whoIsHere} from '../api/session.ts';
import {base} from './apps.ts';
import {ProblemNote} from './Problem.tsx';
import {common} from '../i18n/common.ts';
import {frame} from '../i18n/frame.ts';
import {useText} from '../i18n/texts.ts';
import {Button} from '../ui/Button.tsx';
import {Dialog} from '../ui/Dialog.tsx';
import {TextField} from '../ui/Field.tsx';
import {Stack} from '../ui/Layout.tsx';
import {Away} from '../ui/Link.tsx';
import {Note} from '../ui/Panel.tsx';

// SignIn leads through the page of sign-in in a window of its own. Whoever comes back as somebody else gets a page of their own, not this one.
export function SignIn() {
  const t = useText(frame), queries = useQueryClient(), [opened, setOpened] = useState(false);
  useEffect(() => {
    const before = queries.getQueryData(getSession().queryKey)?.person.id;
    const look = async () => {
      const now = await whoIsHere();
      if (now === undefined) return;
      if (before === undefined || now === before) gate.answer(true);
      else location.assign(base);
    };
    const stop = onSignedIn(() => void look());
    const focused = () => void look();
    addEventListener('focus', focused);
    return () => { stop(); removeEventListener('focus', focused); };
  }, [queries]);
  const open = () => { setOpened(true); window.open('/sign-in?next=' + encodeURIComponent(base + 'signed-in'), 'zhitong-sign-in', 'popup,width=520,height=760'); };
  const leave = () => location.assign(signInAddress());
  return (
    <Dialog open onClose={() => undefined} title={t.ended} lead={t.endedLead} acts={<><Button onClick={leave}>{t.leave}</Button><Button weight="primary" onClick={open}>{t.signIn}</Button></>}>
      {opened && <Note>{t.waiting}</Note>}
    </Dialog>
  );
}

export function Proof() {
  const t = useText(frame), c = useText(common), {data: factors, error} = useQuery(listFactors());
  const [byPassword, setByPassword] = useState(false), [password, setPassword] = useState(''), [code, setCode] = useState('');
  const [busy, setBusy] = useState(false), [failed, setFailed] = useState<unknown>(null), [unknown, setUnknown] = useState(false);
  const attempt = (how: () => Promise<unknown>) => {
    setBusy(true);
    setFailed(null);
    setUnknown(false);
    how().then(() => gate.answer(true), (e: unknown) => {
      setBusy(false);
      if (e instanceof Error && e.name === 'ProblemError') setFailed(e);
      else setUnknown(true); // the browser's own: nobody was known, or it was left
    });
  };
  const send = (e: FormEvent) => { e.preventDefault(); attempt(() => prove({password, ...(code.trim() !== '' && {code: code.trim()})})); };
  const keys = (factors?.passkeys.length ?? 0) > 0, form = factors !== undefined && factors.password && (!keys || byPassword);
  return (
    <Dialog open onClose={() => gate.answer(false)} title={t.prove} lead={t.proveLead} acts={<Button onClick={() => gate.answer(false)}>{c.cancel}</Button>}>
      <ProblemNote of={failed ?? error} />
      {unknown && <Note tone="bad">{t.notKnown}</Note>}
      {keys && <Button weight="primary" wide busy={busy} onClick={() => attempt(proveByPasskey)}>{t.passkey}</Button>}
      {keys && !byPassword && factors?.password && <Button weight="quiet" onClick={() => setByPassword(true)}>{t.other}</Button>}
      {form && (
        <form onSubmit={send}>
          <Stack>
            <TextField label={t.password} type="password" autoComplete="current-password" required value={password} onChange={e => setPassword(e.target.value)} />
            {(factors.totp || keys) && <TextField label={t.code} help={t.codeHelp} inputMode="numeric" autoComplete="one-time-code" required value={code} onChange={e => setCode(e.target.value)} />}
            <Button weight={keys ? 'plain' : 'primary'} type="submit" wide busy={busy}>{t.confirm}</Button>
          </Stack>
        </form>
      )}
      {factors !== undefined && !keys && !factors.password && <Note tone="warn" acts={<Away button="plain" href="/account">{t.account}</Away>}>{t.needFactor}</Note>}
    </Dialog>
  );
}
