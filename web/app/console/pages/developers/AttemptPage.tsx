// One attempt: what was sent, and what came back.
import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {ArrowLeft} from 'lucide-react';
import {useAct} from '../../../api/intent.ts';
import {getWebhookAttempt, resendEventToEndpoint, type AttemptDetail} from '../../../api/queries/webhooks.ts';
import {useSession} from '../../../api/session.ts';
import {CopyButton, Id} from '../../../domain/Id.tsx';
import {ProblemNote, Shown} from '../../../domain/Problem.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {developers} from '../../../i18n/developers.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Code} from '../../../ui/Code.tsx';
import {Card, Columns, Facts, Page, Row, Soft, Stack} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {toast} from '../../../ui/Toast.tsx';
import {Answer} from './Attempts.tsx';
import {headersOf, pretty} from './endpoints.ts';

const route = getRouteApi('/$tenant/webhooks/$endpoint/attempts/$attempt');

export function AttemptPage() {
  const {endpoint, attempt} = route.useParams(), {tenant} = useSession(), t = useText(developers), found = useQuery(getWebhookAttempt(tenant, endpoint, attempt));
  return <><Title of={t.attempt} /><Shown of={found}>{a => <Shape of={a} />}</Shown></>;
}

function Said({title, headers, body}: {title: string; headers: Record<string, string>; body: string | undefined}) {
  const t = useText(developers);
  return (
    <Card>
      <h2>{title}</h2>
      {Object.keys(headers).length > 0 && <Stack tight><Soft small>{t.headers}</Soft><Code>{headersOf(headers)}</Code></Stack>}
      <Stack tight>
        <Row between><Soft small>{t.body}</Soft>{body !== undefined && body !== '' && <CopyButton what={body} label={`${title} · ${t.body}`} />}</Row>
        {body === undefined || body === '' ? <Soft>{t.noBody}</Soft> : <Code>{pretty(body)}</Code>}
      </Stack>
    </Card>
  );
}

function Shape({of: a}: {of: AttemptDetail}) {
  const t = useText(developers), {tenant, can} = useSession();
  const act = useAct({name: () => `resendEventToEndpoint:${a.endpoint_id}:${a.event_id}:${a.id}`, run: (_: void, key) => resendEventToEndpoint(tenant, a.endpoint_id, a.event_id, key), touches: ['listWebhookAttempts'], done: () => toast(t.resent)});
  return (
    <Page title={`${t.attempt} · ${t.nthTime(a.attempt)}`} count={<Answer of={a} />} above={<div><Link block to="/$tenant/webhooks/$endpoint" params={{tenant, endpoint: a.endpoint_id}}><ArrowLeft size={16} aria-hidden />{t.attempts}</Link></div>}
      acts={can('resendEventToEndpoint') && <Button weight="primary" title={t.resendHere} busy={act.isPending} onClick={() => act.mutate()}>{t.resend}</Button>}>
      <ProblemNote of={act.error} />
      <Card>
        <Facts of={[
          [t.url, a.url], [t.time, <Time key="t" at={a.created_at} />], [t.took, t.ms(a.duration_ms)], [t.error, a.error],
          [t.event, can('getEvent') ? <Link block key="e" to="/$tenant/events/$event" params={{tenant, event: a.event_id}}>{'…' + a.event_id.slice(-8)}</Link> : <Id id={a.event_id} label={t.event} />], [t.id, <Id key="i" id={a.id} label={t.id} />],
        ]} />
      </Card>
      <Columns of="two">
        <Said title={t.request} headers={a.request_headers} body={a.request_body} />
        <Said title={t.response} headers={a.response_headers} body={a.response_body} />
      </Columns>
    </Page>
  );
}
