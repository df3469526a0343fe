import {useState, type FormEvent} from 'react';
import {useAct} from '../../../api/intent.ts';
import {asProblem} from '../../../api/problem.ts';
import {createInvitation} from '../../../api/queries/members.ts';
import type {Role} from '../../../api/queries/access.ts';
import {useSession} from '../../../api/session.ts';
import {ofMerchant, roles} from '../../../domain/grants.ts';
import {ProblemNote} from '../../../domain/Problem.tsx';
import {faultAt} from '../../../domain/problems.ts';
import {SecretDialog} from '../../../domain/Secret.tsx';
import {codes} from '../../../i18n/codes.ts';
import {common} from '../../../i18n/common.ts';
import {frame} from '../../../i18n/frame.ts';
import {settings} from '../../../i18n/settings.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Dialog} from '../../../ui/Dialog.tsx';
import {SelectField, TextField} from '../../../ui/Field.tsx';
import {Stack} from '../../../ui/Layout.tsx';

// People have every role but that of a shop's program.
export const rolesOfPeople = roles.filter(r => r !== 'storefront');

const form = 'invite';

export function InviteDialog({onClose}: {onClose: () => void}) {
  const t = useText(settings), c = useText(common), f = useText(frame), k = useText(codes), {tenant} = useSession();
  const [email, setEmail] = useState(''), [name, setName] = useState(''), [role, setRole] = useState<Role>('support'), [merchant, setMerchant] = useState('');
  const act = useAct({
    name: () => `createInvitation:${email}:${name}:${role}:${merchant}`, touches: ['listInvitations'],
    run: (_: void, key) => createInvitation(tenant, {email: email.trim(), role, ...(name.trim() !== '' && {name: name.trim()}), ...(ofMerchant(role) && {merchant_id: merchant.trim()})}, key),
  });
  const wrong = (pointer: string) => faultAt(act.error === null ? undefined : asProblem(act.error), pointer, k);
  if (act.data !== undefined) return <SecretDialog title={t.invited} lead={t.inviteLink} secret={act.data.url} onClose={onClose} />;
  const send = (e: FormEvent) => { e.preventDefault(); if (!act.isPending) act.mutate(); };
  return (
    <Dialog open onClose={onClose} title={t.invite} lead={t.inviteLead} acts={<><Button onClick={onClose}>{c.cancel}</Button><Button weight="primary" type="submit" form={form} busy={act.isPending}>{t.send}</Button></>}>
      <form id={form} onSubmit={send}>
        <Stack>
          <TextField label={t.email} wrong={wrong('/email')} type="email" value={email} maxLength={254} required spellCheck={false} onChange={e => setEmail(e.target.value)} />
          <TextField label={t.name} wrong={wrong('/name')} value={name} maxLength={64} onChange={e => setName(e.target.value)} />
          <SelectField label={t.role} value={role} onChange={e => setRole(e.target.value as Role)} of={rolesOfPeople.map(r => [r, f.roles[r]] as const)} />
          {ofMerchant(role) && <TextField label={t.merchant} wrong={wrong('/merchant_id')} value={merchant} required spellCheck={false} onChange={e => setMerchant(e.target.value)} />}
          <ProblemNote of={act.error} />
        </Stack>
      </form>
    </Dialog>
  );
}
