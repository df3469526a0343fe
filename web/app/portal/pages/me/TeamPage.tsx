// Who signs in for this merchant: each sees and does the same.
import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {ArrowLeft} from 'lucide-react';
import {useState} from 'react';
import {listMembers, type Member} from '../../../api/queries/members.ts';
import {useSession} from '../../../api/session.ts';
import {Missing} from '../../../domain/Broken.tsx';
import {print, type Search} from '../../../domain/filters.ts';
import {Pager} from '../../../domain/Pager.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {portalMe} from '../../../i18n/portalMe.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Card, Page, Row, Soft, Stack, Strong} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Tag} from '../../../ui/Mark.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {Invitations} from './Invitations.tsx';
import {InviteDialog, RemoveDialog} from './TeamDialogs.tsx';

const route = getRouteApi('/$tenant/team'), limit = 50;

export function TeamPage() {
  const t = useText(portalMe), {tenant, can, membership} = useSession(), search: Search = route.useSearch(), navigate = route.useNavigate(), [act, setAct] = useState<Member | 'invite'>(), close = () => setAct(undefined);
  const found = useQuery({...listMembers(tenant, {limit, ...(search['cursor'] !== undefined && {cursor: search['cursor']})}), enabled: can('listMembers')});
  const self = (m: Member) => m.id === membership.member_id;
  if (!can('listMembers')) return <Missing />;
  return (
    <Page title={t.team} count={t.teamLead} above={<div><Link block to="/$tenant/me" params={{tenant}}><ArrowLeft size={16} aria-hidden />{t.me}</Link></div>} acts={can('createInvitation') && <Button weight="primary" onClick={() => setAct('invite')}>{t.invite}</Button>}>
      <Title of={t.team} />
      <Shown of={found}>
        {page => page.data.length === 0 ? <Panel title={t.noMembers} todo={t.noMembersTodo} /> : (
          <Card>
            <Lines label={t.team} of={page.data.map(m => ({
              id: m.id, what: <Stack tight><Row><Strong>{m.name || m.email}</Strong>{self(m) && <Tag tone="work">{t.you}</Tag>}</Row><Soft small>{m.name !== '' && `${m.email} · `}{t.joined} <Time at={m.created_at} /></Soft></Stack>,
              end: !self(m) && can('removeMember') && <Button aria-label={t.removeOf(m.name || m.email)} onClick={() => setAct(m)}>{t.remove}</Button>,
            }))} />
            <Pager cursor={search['cursor']} next={page.next_cursor} onGo={to => void navigate({search: print({cursor: to})})} />
          </Card>
        )}
      </Shown>
      {can('listInvitations') && <Invitations />}
      {act === 'invite' && <InviteDialog onClose={close} />}
      {act !== undefined && act !== 'invite' && <RemoveDialog of={act} onClose={close} />}
    </Page>
  );
}
