import {useQuery} from '@tanstack/react-query';
import {useAct} from '../../../api/intent.ts';
import {listInvitations, revokeInvitation, type Invitation} from '../../../api/queries/members.ts';
import {useSession} from '../../../api/session.ts';
import {ProblemNote, Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {now} from '../../../domain/time.ts';
import {Time} from '../../../domain/Time.tsx';
import {frame} from '../../../i18n/frame.ts';
import {settings} from '../../../i18n/settings.ts';
import type {Enums} from '../../../i18n/status.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Card, Row, Soft, Stack} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {toast} from '../../../ui/Toast.tsx';

const statusOf = (i: Invitation): Enums['invitation'] => i.accepted_at !== undefined ? 'accepted' : i.revoked_at !== undefined ? 'revoked' : Date.parse(i.expires_at) <= now() ? 'expired' : 'open';

// Invitations are those that nobody has taken yet.
export function Invitations() {
  const t = useText(settings), {roles} = useText(frame), {tenant, can} = useSession(), found = useQuery(listInvitations(tenant));
  const act = useAct<Invitation, void>({name: i => `revokeInvitation:${i.id}`, run: i => revokeInvitation(tenant, i.id), touches: ['listInvitations'], done: () => toast(t.revoked)});
  return (
    <Shown of={found}>
      {({data}) => {
        const open = data.filter(i => statusOf(i) === 'open' || statusOf(i) === 'expired');
        return open.length > 0 && (
          <Card>
            <h2>{t.invitations}</h2>
            <ProblemNote of={act.error} />
            <Lines label={t.invitations} of={open.map(i => ({
              id: i.id, what: <Stack tight><span>{i.name === '' ? i.email : `${i.name} · ${i.email}`} · {roles[i.role]}</span><Soft small>{t.expires} <Time at={i.expires_at} /></Soft></Stack>,
              end: <Row><Status of="invitation" is={statusOf(i)} />{statusOf(i) === 'open' && can('revokeInvitation') && <Button aria-label={t.revokeOf(i.email)} busy={act.isPending} onClick={() => act.mutate(i)}>{t.revoke}</Button>}</Row>,
            }))} />
          </Card>
        );
      }}
    </Shown>
  );
}
