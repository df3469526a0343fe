import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {useState} from 'react';
import {listMembers, type Member} from '../../../api/queries/members.ts';
import {useSession} from '../../../api/session.ts';
import {parse, print, type Search} from '../../../domain/filters.ts';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {frame} from '../../../i18n/frame.ts';
import {settings} from '../../../i18n/settings.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {DataList} from '../../../ui/DataList.tsx';
import {Page, Soft} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Tag} from '../../../ui/Mark.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {memberFilters} from './filters.ts';
import {Invitations} from './Invitations.tsx';
import {InviteDialog} from './InviteDialog.tsx';

const route = getRouteApi('/$tenant/members');

export function MemberList() {
  const t = useText(settings), {roles} = useText(frame), {tenant, can, membership} = useSession(), search: Search = route.useSearch(), navigate = route.useNavigate(), [inviting, setInviting] = useState(false);
  const found = useQuery(listMembers(tenant, {limit: 50, ...parse(memberFilters, search)}));
  const link = (m: Member) => <Link to="/$tenant/members/$member" params={{tenant, member: m.id}}>{m.name || m.email}</Link>;
  const self = (m: Member) => m.id === membership.member_id && <Tag tone="work">{t.you}</Tag>;
  const invite = can('createInvitation') && <Button weight="primary" onClick={() => setInviting(true)}>{t.invite}</Button>;
  return (
    <Page title={t.members} acts={invite}>
      <Title of={t.members} />
      <Shown of={found}>
        {page => page.data.length === 0 ? <Panel title={t.noMembers} todo={t.noMembersTodo} /> : <>
          <DataList label={t.members} rows={page.data} id={m => m.id} stale={found.isPlaceholderData} card={m => ({title: link(m), figure: roles[m.role], when: <Soft>{m.email}</Soft>, state: self(m)})} columns={[
            {id: 'name', header: t.name, cell: m => <>{link(m)} {self(m)}</>},
            {id: 'email', header: t.email, cell: m => m.email},
            {id: 'joined', header: t.joined, cell: m => <Time at={m.created_at} />, priority: 2, fixed: true},
            {id: 'role', header: t.role, cell: m => roles[m.role], fixed: true},
          ]} />
          <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => void navigate({search: print({...search, cursor: to})})} />
        </>}
      </Shown>
      {can('listInvitations') && <Invitations />}
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
    </Page>
  );
}
