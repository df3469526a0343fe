import {useState, type FormEvent} from 'react';
import {useAct} from '../../../api/intent.ts';
import {asProblem} from '../../../api/problem.ts';
import {createInvitation, removeMember, type Member} from '../../../api/queries/members.ts';
import {useMerchant, useSession} from '../../../api/session.ts';
import {Confirm} from '../../../domain/Confirm.tsx';
import {ProblemNote} from '../../../domain/Problem.tsx';
import {faultAt} from '../../../domain/problems.ts';
import {SecretDialog} from '../../../domain/Secret.tsx';
import {codes} from '../../../i18n/codes.ts';
import {common} from '../../../i18n/common.ts';
import {portalMe} from '../../../i18n/portalMe.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Dialog} from '../../../ui/Dialog.tsx';
import {TextField} from '../../../ui/Field.tsx';
import {Stack} from '../../../ui/Layout.tsx';
import {toast} from '../../../ui/Toast.tsx';

const form = 'invite', emailMax = 254, nameMax = 80;

// InviteDialog invites to the same merchant and the same role: there is no other that one could give.
export function InviteDialog({onClose}: {onClose: () => void}) {
  const t = useText(portalMe), c = useText(common), k = useText(codes), {tenant, membership} = useSession(), mine = useMerchant(), [email, setEmail] = useState(''), [name, setName] = useState('');
  const act = useAct({
    name: () => `createInvitation:${email}:${name}`, touches: ['listInvitations'],
    run: (_: void, key) => createInvitation(tenant, {email: email.trim(), role: membership.role, merchant_id: mine, ...(name.trim() !== '' && {name: name.trim()})}, key),
  });
  const wrong = (pointer: string) => faultAt(act.error === null ? undefined : asProblem(act.error), pointer, k);
  if (act.data !== undefined) return <SecretDialog title={t.invited} lead={t.inviteLink} secret={act.data.url} onClose={onClose} />;
  const send = (e: FormEvent) => { e.preventDefault(); if (!act.isPending) act.mutate(); };
  return (
    <Dialog open onClose={onClose} title={t.invite} lead={t.inviteLead} acts={<><Button onClick={onClose}>{c.cancel}</Button><Button weight="primary" type="submit" form={form} busy={act.isPending}>{t.send}</Button></>}>
      <form id={form} onSubmit={send}>
        <Stack>
          <TextField label={t.email} wrong={wrong('/email')} type="email" value={email} maxLength={emailMax} required spellCheck={false} autoCapitalize="none" onChange={e => setEmail(e.target.value)} />
          <TextField label={t.name} wrong={wrong('/name')} value={name} maxLength={nameMax} onChange={e => setName(e.target.value)} />
          <ProblemNote of={act.error} />
        </Stack>
      </form>
    </Dialog>
  );
}

export function RemoveDialog({of: m, onClose}: {of: Member; onClose: () => void}) {
  const t = useText(portalMe), {tenant} = useSession();
  const act = useAct<void, void>({name: () => `removeMember:${m.id}`, run: () => removeMember(tenant, m.id), touches: ['listMembers'], done: () => { toast(t.removed); onClose(); }});
  return <Confirm title={t.removeOf(m.name || m.email)} lead={t.removeLead} verb={t.remove} weight="danger" act={act} go={() => act.mutate()} onClose={onClose} />;
}
