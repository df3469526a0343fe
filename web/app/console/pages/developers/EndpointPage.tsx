// One endpoint: how it is, and every attempt to deliver to it.
import {useQuery} from '@tanstack/react-query';
import {getRouteApi, useNavigate} from '@tanstack/react-router';
import {ArrowLeft} from 'lucide-react';
import {useState} from 'react';
import type {Seen} from '../../../api/client.ts';
import {useAct} from '../../../api/intent.ts';
import {getWebhookEndpoint, testWebhookEndpoint, updateWebhookEndpoint, type Endpoint} from '../../../api/queries/webhooks.ts';
import {useSession} from '../../../api/session.ts';
import {Id} from '../../../domain/Id.tsx';
import {ProblemNote, Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {common} from '../../../i18n/common.ts';
import {developers} from '../../../i18n/developers.ts';
import {eventWords} from '../../../i18n/events.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Card, Columns, Facts, Page, Soft} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Menu} from '../../../ui/Menu.tsx';
import {Note} from '../../../ui/Panel.tsx';
import {toast} from '../../../ui/Toast.tsx';
import {Attempts} from './Attempts.tsx';
import {DeleteEndpoint, RotateSecret} from './EndpointActs.tsx';
import {EditEndpoint} from './EndpointForm.tsx';
import {healthOf} from './endpoints.ts';

const route = getRouteApi('/$tenant/webhooks/$endpoint');

export function EndpointPage() {
  const {endpoint} = route.useParams(), {tenant} = useSession(), t = useText(developers), found = useQuery(getWebhookEndpoint(tenant, endpoint));
  return <><Title of={t.webhooks} /><Shown of={found}>{e => <Shape of={e} />}</Shown></>;
}

function Shape({of: e}: {of: Seen<Endpoint>}) {
  const t = useText(developers), c = useText(common), words = useText(eventWords), {tenant, can} = useSession(), navigate = useNavigate(), [act, setAct] = useState<'edit' | 'rotate' | 'delete'>();
  const test = useAct({
    name: () => 'testWebhookEndpoint:' + e.id, run: (_: void, key) => testWebhookEndpoint(tenant, e.id, key), touches: ['listWebhookAttempts'],
    done: a => {
      toast(a.response_status !== undefined && a.response_status < 300 ? t.testOk(a.response_status) : t.testBad);
      void navigate({to: '/$tenant/webhooks/$endpoint/attempts/$attempt', params: {tenant, endpoint: e.id, attempt: a.id}});
    },
  });
  const turn = useAct({
    name: (to: Endpoint['status']) => `updateWebhookEndpoint:${e.id}:${to}`, run: to => updateWebhookEndpoint(tenant, e, {status: to}), touches: ['getWebhookEndpoint', 'listWebhookEndpoints', 'listTodos'],
    done: (_, to) => toast(to === 'enabled' ? t.enabled : t.disabledDone),
  });
  const more = [
    ...(can('updateWebhookEndpoint') ? [{id: 'edit', text: t.edit, go: () => setAct('edit')}, {id: 'turn', text: e.status === 'enabled' ? t.disable : t.enable, go: () => turn.mutate(e.status === 'enabled' ? 'disabled' : 'enabled')}] : []),
    ...(can('rotateWebhookSecret') ? [{id: 'rotate', text: t.rotate, go: () => setAct('rotate')}] : []),
    ...(can('deleteWebhookEndpoint') ? [{id: 'delete', text: t.remove, go: () => setAct('delete')}] : []),
  ], close = () => setAct(undefined);
  return (
    <Page title={e.url} count={<Status of="endpoint" is={healthOf(e)} />} above={<div><Link block to="/$tenant/webhooks" params={{tenant}}><ArrowLeft size={16} aria-hidden />{t.webhooks}</Link></div>}
      acts={<>
        {more.length > 0 && <Menu button={<Button>{c.more}</Button>} groups={[{items: more}]} />}
        {can('testWebhookEndpoint') && <Button weight="primary" busy={test.isPending} onClick={() => test.mutate()}>{t.test}</Button>}
      </>}>
      <ProblemNote of={test.error ?? turn.error} />
      {e.status === 'disabled' ? <Note tone="warn" acts={can('updateWebhookEndpoint') && <Button onClick={() => turn.mutate('enabled')}>{t.enable}</Button>}>{t.disabledLead}</Note> : e.failing_since !== undefined && <Note tone="warn">{t.failingLead}</Note>}
      <Columns of="side">
        {can('listWebhookAttempts') ? <Attempts endpoint={e.id} /> : <span />}
        <Card>
          <Facts of={[
            [t.created, <Time key="c" at={e.created_at} />], [t.failingSince, e.failing_since && <Time at={e.failing_since} />], [t.oldUntil, e.previous_secret_until && <Time at={e.previous_secret_until} />],
            [t.id, <Id key="i" id={e.id} label={t.id} />],
          ]} />
          <h2>{t.types}</h2>
          <Soft>{e.event_types.length === 0 ? t.allTypes : e.event_types.map(type => words[type] ?? type).join(' · ')}</Soft>
        </Card>
      </Columns>
      {act === 'edit' && <EditEndpoint of={e} onClose={close} />}
      {act === 'rotate' && <RotateSecret of={e} onClose={close} />}
      {act === 'delete' && <DeleteEndpoint of={e} onClose={close} />}
    </Page>
  );
}
