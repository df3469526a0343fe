import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {ArrowLeft} from 'lucide-react';
import {useState} from 'react';
import {useAct} from '../../../api/intent.ts';
import {getEvent, type Event} from '../../../api/queries/events.ts';
import {resendEvent} from '../../../api/queries/orders.ts';
import {useSession} from '../../../api/session.ts';
import {CopyButton, Id} from '../../../domain/Id.tsx';
import {ProblemNote, Shown} from '../../../domain/Problem.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {placeOf} from '../../../domain/where.ts';
import {common} from '../../../i18n/common.ts';
import {developers} from '../../../i18n/developers.ts';
import {eventWords, subjectWords} from '../../../i18n/events.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Code} from '../../../ui/Code.tsx';
import {Dialog} from '../../../ui/Dialog.tsx';
import {Card, Columns, Facts, Mono, Page, Row} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {toast} from '../../../ui/Toast.tsx';

const route = getRouteApi('/$tenant/events/$event');

export function EventPage() {
  const {event} = route.useParams(), {tenant} = useSession(), t = useText(developers), found = useQuery(getEvent(tenant, event));
  return <><Title of={t.event} /><Shown of={found}>{e => <Shape of={e} />}</Shown></>;
}

function Shape({of: e}: {of: Event}) {
  const t = useText(developers), words = useText(eventWords), subjects = useText(subjectWords), {tenant, can} = useSession(), [sending, setSending] = useState(false);
  const place = placeOf(tenant, e.subject_id), json = JSON.stringify(e, null, 2);
  return (
    <Page title={words[e.type] ?? e.type} count={<Mono>{e.type}</Mono>} above={<div><Link block to="/$tenant/events" params={{tenant}}><ArrowLeft size={16} aria-hidden />{t.events}</Link></div>}
      acts={can('resendEvent') && <Button weight="primary" onClick={() => setSending(true)}>{t.resend}</Button>}>
      <Columns of="side">
        <Card><Row between><h2>{t.content}</h2><CopyButton what={json} label={t.json} /></Row><Code>{json}</Code></Card>
        <Card>
          <Facts of={[
            [t.time, <Time key="t" at={e.created_at} />], [t.sequence, e.sequence], [t.subject, place ? <Link block to={place.to} params={place.params as never}>{subjects[e.subject_type] ?? e.subject_type}</Link> : subjects[e.subject_type] ?? e.subject_type],
            [t.subjectId, <Id key="s" id={e.subject_id} label={t.subjectId} />], [t.id, <Id key="i" id={e.id} label={t.id} />],
          ]} />
        </Card>
      </Columns>
      {sending && <Resend event={e.id} onClose={() => setSending(false)} />}
    </Page>
  );
}

function Resend({event, onClose}: {event: string; onClose: () => void}) {
  const t = useText(developers), c = useText(common), {tenant} = useSession();
  const act = useAct({name: () => `resendEvent:${event}`, run: (_: void, key) => resendEvent(tenant, event, key), touches: ['getOrderTimeline', 'listWebhookAttempts'], done: () => { toast(t.resent); onClose(); }});
  return (
    <Dialog open onClose={onClose} title={t.resend} lead={t.resendToAll} acts={<><Button onClick={onClose}>{c.cancel}</Button><Button weight="primary" busy={act.isPending} onClick={() => act.mutate()}>{t.resend}</Button></>}>
      <ProblemNote of={act.error} />
    </Dialog>
  );
}
