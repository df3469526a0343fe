// A new key: who uses it, what its role may do, and how much less than that it shall do.
import {useQuery} from '@tanstack/react-query';
import {useNavigate} from '@tanstack/react-router';
import {ArrowLeft} from 'lucide-react';
import {useState, type FormEvent} from 'react';
import {useAct} from '../../../api/intent.ts';
import {asProblem} from '../../../api/problem.ts';
import {createAPIKey, listRoles, type Permissions, type Role} from '../../../api/queries/access.ts';
import {useSession} from '../../../api/session.ts';
import {Granted} from '../../../domain/Granted.tsx';
import {granted, ofMerchant, resources, roles} from '../../../domain/grants.ts';
import {ProblemNote} from '../../../domain/Problem.tsx';
import {faultAt} from '../../../domain/problems.ts';
import {SecretDialog} from '../../../domain/Secret.tsx';
import {now} from '../../../domain/time.ts';
import {Title} from '../../../domain/Title.tsx';
import {access} from '../../../i18n/access.ts';
import {codes} from '../../../i18n/codes.ts';
import {developers} from '../../../i18n/developers.ts';
import {frame} from '../../../i18n/frame.ts';
import {useLang, useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {SelectField, TextField} from '../../../ui/Field.tsx';
import {Card, Columns, Page, Stack} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {firstCall} from './keys.ts';

const day = 24 * 3_600_000, nothing: Permissions = {};

export function KeyForm() {
  const t = useText(developers), f = useText(frame), a = useText(access), c = useText(codes), lang = useLang(), {tenant, can} = useSession(), navigate = useNavigate();
  const [name, setName] = useState(''), [role, setRole] = useState<Role>('developer'), [merchant, setMerchant] = useState(''), [days, setDays] = useState(''), [less, setLess] = useState<Permissions>();
  const all = useQuery({...listRoles(tenant), enabled: can('listRoles')}), may = all.data?.data.find(r => r.role === role)?.operations;
  const body = () => ({
    name: name.trim(), role, ...(ofMerchant(role) && {merchant_id: merchant.trim()}), ...(days !== '' && {expires_at: new Date(now() + Number(days) * day).toISOString()}), ...(less && {permissions: less}),
  });
  const act = useAct({name: () => `createAPIKey:${name}:${role}:${merchant}:${days}:${JSON.stringify(less)}`, run: (_: void, key) => createAPIKey(tenant, body(), key), touches: ['listAPIKeys']});
  const send = (e: FormEvent) => { e.preventDefault(); if (!act.isPending) act.mutate(); };
  const wrong = (pointer: string) => faultAt(act.error === null ? undefined : asProblem(act.error), pointer, c);
  return (
    <Page title={t.newKey} above={<div><Link block to="/$tenant/keys" params={{tenant}}><ArrowLeft size={16} aria-hidden />{t.keys}</Link></div>}>
      <Title of={t.newKey} />
      <Columns of="two">
        <Card>
          <form onSubmit={send}>
            <Stack>
              <TextField label={t.name} help={t.nameHelp} wrong={wrong('/name')} value={name} maxLength={64} required onChange={e => setName(e.target.value)} />
              <SelectField label={t.role} wrong={wrong('/role')} value={role} onChange={e => setRole(e.target.value as Role)} of={roles.map(r => [r, f.roles[r]] as const)} />
              {ofMerchant(role) && <TextField label={t.merchant} wrong={wrong('/merchant_id')} value={merchant} required spellCheck={false} onChange={e => setMerchant(e.target.value)} />}
              <SelectField label={t.keyEnds} value={days} onChange={e => setDays(e.target.value)} of={Object.entries(t.ends)} />
              <SelectField label={t.permissions} value={less === undefined ? 'role' : 'less'} onChange={e => setLess(e.target.value === 'role' ? undefined : nothing)} of={[['role', t.asRole], ['less', t.narrowed]]} />
              {less !== undefined && <Columns of="two">{resources.map(r => (
                <SelectField key={r} label={a.parts[r] ?? r} value={less[r] ?? 'none'} onChange={e => setLess({...less, [r]: e.target.value as Permissions[string]})} of={Object.entries(a.levels)} />
              ))}</Columns>}
              <ProblemNote of={act.error} />
              <Button weight="primary" type="submit" busy={act.isPending}>{t.create}</Button>
            </Stack>
          </form>
        </Card>
        {may !== undefined && <Granted of={granted(may, less, lang)} />}
      </Columns>
      {act.data !== undefined && <SecretDialog title={t.keyMade} lead={t.secretLead} secret={act.data.secret} more={firstCall()} onClose={() => void navigate({to: '/$tenant/keys/$key', params: {tenant, key: act.data.id}})} />}
    </Page>
  );
}
