// One request to the API: what was asked, by whom, and how it was answered.
import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {ArrowLeft} from 'lucide-react';
import {getRequest, type RequestDetail} from '../../../api/queries/requests.ts';
import {useSession} from '../../../api/session.ts';
import {CopyButton, Id} from '../../../domain/Id.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Answered, Asker, operationName} from '../../../domain/RequestLine.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {requests} from '../../../i18n/requests.ts';
import {useLang, useText} from '../../../i18n/texts.ts';
import {Code} from '../../../ui/Code.tsx';
import {Card, Columns, Facts, First, Mono, Page, Row, Soft} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';

const route = getRouteApi('/$tenant/requests/$request');

export function RequestPage() {
  const {request} = route.useParams(), {tenant} = useSession(), t = useText(requests), found = useQuery(getRequest(tenant, request)), shown = <Shown of={found}>{r => <Shape of={r} />}</Shown>;
  return <><Title of={t.one} />{found.data ? shown : <Page title={t.one} above={<Back />}>{shown}</Page>}</>;
}

function Back() {
  const t = useText(requests), {tenant, can} = useSession();
  return can('listRequests') && <div><Link block to="/$tenant/requests" params={{tenant}}><ArrowLeft size={16} aria-hidden />{t.title}</Link></div>;
}

function Shape({of: r}: {of: RequestDetail}) {
  const t = useText(requests), lang = useLang(), json = r.body === undefined ? undefined : JSON.stringify(r.body, null, 2);
  return (
    <Page above={<Back />} title={operationName(r.operation, lang)} count={<Answered status={r.status} />}>
      <Columns of="side">
        <Card>
          <Row between><h2>{t.body}</h2>{json !== undefined && <CopyButton what={json} label={t.json} />}</Row>
          {json === undefined ? <Soft>{t.noBody}</Soft> : <Code>{json}</Code>}
          <Soft small>{t.masked}</Soft>
        </Card>
        <First>
          <Card>
            <h2>{t.facts}</h2>
            <Facts of={[
              [t.time, <Time key="t" at={r.created_at} />], [t.operation, <Mono key="o">{r.operation}</Mono>], [t.path, <Mono key="p">{r.method} {r.path}</Mono>], [t.code, r.error_code && <Mono>{r.error_code}</Mono>], [t.took, t.ms(r.duration_us)],
              [t.actor, <Asker key="a" id={r.actor_id} />], [t.from, r.client_address], [t.replayed, r.replayed && t.yes], [t.id, <Id key="i" id={r.id} label={t.id} />],
            ]} />
          </Card>
        </First>
      </Columns>
    </Page>
  );
}
