import {useQuery} from '@tanstack/react-query';
import {getRouteApi, useNavigate} from '@tanstack/react-router';
import {ArrowLeft} from 'lucide-react';
import {useState} from 'react';
import type {Seen} from '../../../api/client.ts';
import {useAct} from '../../../api/intent.ts';
import {listRoles, type Role} from '../../../api/queries/access.ts';
import {getMember, removeMember, updateMember, type Member} from '../../../api/queries/members.ts';
import {useSession} from '../../../api/session.ts';
import {useEdit} from '../../../domain/edit.ts';
import {EditProblem} from '../../../domain/EditProblem.tsx';
import {Granted} from '../../../domain/Granted.tsx';
import {granted, ofMerchant} from '../../../domain/grants.ts';
import {Id} from '../../../domain/Id.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {common} from '../../../i18n/common.ts';
import {frame} from '../../../i18n/frame.ts';
import {settings} from '../../../i18n/settings.ts';
import {useLang, useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Dialog} from '../../../ui/Dialog.tsx';
import {SelectField, TextField} from '../../../ui/Field.tsx';
import {Card, Columns, Facts, Page, Soft, Stack} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Tag} from '../../../ui/Mark.tsx';
import {toast} from '../../../ui/Toast.tsx';
import {rolesOfPeople} from './InviteDialog.tsx';

const route = getRouteApi('/$tenant/members/$member');

export function MemberPage() {
  const {member} = route.useParams(), {tenant} = useSession(), t = useText(settings), found = useQuery(getMember(tenant, member));
  return <><Title of={found.data?.name || t.members} /><Shown of={found}>{m => <Shape of={m} />}</Shown></>;
}

function Shape({of: m}: {of: Seen<Member>}) {
  const t = useText(settings), {roles} = useText(frame), lang = useLang(), {tenant, can, membership} = useSession(), [act, setAct] = useState<'change' | 'remove'>(), self = m.id === membership.member_id;
  const all = useQuery({...listRoles(tenant), enabled: can('listRoles')}), may = all.data?.data.find(r => r.role === m.role)?.operations;
  return (
    <Page title={m.name || m.email} count={self && <Tag tone="work">{t.you}</Tag>} above={<div><Link block to="/$tenant/members" params={{tenant}}><ArrowLeft size={16} aria-hidden />{t.members}</Link></div>}
      acts={<>
        {!self && can('removeMember') && <Button onClick={() => setAct('remove')}>{t.remove}</Button>}
        {can('updateMember') && <Button weight="primary" onClick={() => setAct('change')}>{t.change}</Button>}
      </>}>
      <Columns of="two">
        <Card><Facts of={[[t.email, m.email], [t.role, roles[m.role]], [t.merchant, m.merchant_id && <Id id={m.merchant_id} label={t.merchant} />], [t.joined, <Time key="j" at={m.created_at} />], [t.id, <Id key="i" id={m.id} label={t.id} />]]} /></Card>
        {may !== undefined && <Granted of={granted(may, undefined, lang)} />}
      </Columns>
      {act === 'change' && <Change of={m} onClose={() => setAct(undefined)} />}
      {act === 'remove' && <Remove of={m} onClose={() => setAct(undefined)} />}
    </Page>
  );
}

const touches = ['getMember', 'listMembers', 'getSession'] as const;

function Change({of, onClose}: {of: Seen<Member>; onClose: () => void}) {
  const t = useText(settings), c = useText(common), f = useText(frame), {tenant} = useSession(), edit = useEdit(of, now => ({name: now.name, role: now.role as string, merchant: now.merchant_id ?? ''}));
  const {base: m, own} = edit, {name, merchant} = edit.typed, role = edit.typed.role as Role;
  const act = useAct<void, Member>({
    name: () => `updateMember:${m.id}`, touches, done: () => { toast(t.saved); onClose(); },
    run: () => updateMember(tenant, m, {...(own.name !== undefined && {name: name.trim()}), ...(role !== m.role && {role, merchant_id: ofMerchant(role) ? merchant.trim() : null})}),
  });
  return (
    <Dialog open onClose={onClose} title={t.change} acts={<><Button onClick={onClose}>{c.cancel}</Button><Button weight="primary" busy={act.isPending} onClick={() => act.mutate()}>{t.save}</Button></>}>
      <TextField label={t.name} value={name} maxLength={64} onChange={e => edit.type({name: e.target.value})} />
      <SelectField label={t.role} value={role} onChange={e => edit.type({role: e.target.value})} of={rolesOfPeople.map(r => [r, f.roles[r]] as const)} />
      {ofMerchant(role) && <TextField label={t.merchant} value={merchant} spellCheck={false} onChange={e => edit.type({merchant: e.target.value})} />}
      {role !== m.role && <Difference from={m.role} to={role} />}
      <EditProblem act={act} edit={edit} names={{name: t.name, role: t.role, merchant: t.merchant}} say={(field, value) => field === 'role' ? f.roles[value as Role] ?? value : value} />
    </Dialog>
  );
}

// Difference is what another role may do more, and what less.
function Difference({from, to}: {from: Role; to: Role}) {
  const t = useText(settings), lang = useLang(), {tenant, can} = useSession(), all = useQuery({...listRoles(tenant), enabled: can('listRoles')}), of = (r: Role) => all.data?.data.find(o => o.role === r)?.operations ?? [];
  const names = (may: string[]) => granted(may, undefined, lang).flatMap(g => g.names.map(n => n.text)).join(' · ');
  const more = names(of(to).filter(o => !of(from).includes(o))), less = names(of(from).filter(o => !of(to).includes(o)));
  if (more === '' && less === '') return <Soft small>{t.sameRights}</Soft>;
  return <Stack tight>{more !== '' && <Soft small>{t.gains}: {more}</Soft>}{less !== '' && <Soft small>{t.loses}: {less}</Soft>}</Stack>;
}

function Remove({of: m, onClose}: {of: Seen<Member>; onClose: () => void}) {
  const t = useText(settings), c = useText(common), {roles} = useText(frame), {tenant} = useSession(), navigate = useNavigate(), edit = useEdit(m, now => ({name: now.name, role: roles[now.role]}));
  const act = useAct<void, void>({name: () => `removeMember:${m.id}`, run: () => removeMember(tenant, edit.base), touches: ['listMembers'], reads: ['getMember'], done: () => { toast(t.removed); void navigate({to: '/$tenant/members', params: {tenant}}); }});
  return (
    <Dialog open onClose={onClose} title={`${t.remove} ${m.name || m.email}`} lead={t.removeLead} acts={<><Button onClick={onClose}>{c.cancel}</Button><Button weight="danger" busy={act.isPending} onClick={() => act.mutate()}>{t.remove}</Button></>}>
      <EditProblem act={act} edit={edit} names={{name: t.name, role: t.role}} />
    </Dialog>
  );
}
