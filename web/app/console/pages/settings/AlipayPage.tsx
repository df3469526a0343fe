// The connection to Alipay: what is set, what the doctor finds, and what a platform needs before it goes live.
import {useQuery} from '@tanstack/react-query';
import {asProblem} from '../../../api/problem.ts';
import {getAlipayConnection, type Connection} from '../../../api/queries/connection.ts';
import {useSession} from '../../../api/session.ts';
import {Id} from '../../../domain/Id.tsx';
import {percent} from '../../../domain/money.ts';
import {Shown} from '../../../domain/Problem.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {alipay} from '../../../i18n/alipay.ts';
import {useText} from '../../../i18n/texts.ts';
import {Card, Columns, Facts, First, Page, Soft, Stack} from '../../../ui/Layout.tsx';
import {ButtonLink} from '../../../ui/Link.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {Doctor} from './Doctor.tsx';
import {GoLive} from './GoLive.tsx';

export function AlipayPage() {
  const t = useText(alipay), {tenant, can} = useSession(), found = useQuery({...getAlipayConnection(tenant), enabled: can('getAlipayConnection')});
  const missing = found.error !== null && asProblem(found.error).code === 'alipay_connection_missing';
  const change = (text: string, first: boolean) => can('putAlipayConnection') && <ButtonLink weight={first ? 'primary' : 'plain'} to="/$tenant/alipay/keys" params={{tenant}}>{text}</ButtonLink>;
  return (
    <Page title={t.title} acts={found.data && change(t.replace, false)}>
      <Title of={t.title} />
      <Columns of="side">
        <Stack>
          {found.data && can('checkAlipayConnection') && <Doctor of={found.data} />}
          {can('getGoLiveChecklist') && <GoLive />}
        </Stack>
        <First>{missing ? <Panel title={t.missing} todo={t.missingTodo}>{change(t.connect, true)}</Panel> : <Shown of={found}>{c => <Set of={c} />}</Shown>}</First>
      </Columns>
    </Page>
  );
}

function Set({of: c}: {of: Connection}) {
  const t = useText(alipay);
  return (
    <Card>
      <h2>{t.facts}</h2>
      <Facts of={[
        [t.appId, <Id key="a" id={c.app_id} label={t.appId} full />], [t.pid, <Id key="p" id={c.pid} label={t.pid} full />], [t.mode, t.modes[c.mode] ?? c.mode], [t.gateway, c.gateway_url],
        [t.maxSplit, c.max_split_bps !== undefined && percent(c.max_split_bps)], [t.updated, <Time key="u" at={c.updated_at} />],
      ]} />
      <Stack tight><Soft small>{t.appGateway}</Soft><Id id={c.app_gateway_url} label={t.appGateway} full /></Stack>
      <Stack tight><Soft small>{t.notify}</Soft><Id id={c.notify_url} label={t.notify} full /></Stack>
      <Soft small>{t.appGatewayHelp}</Soft>
    </Card>
  );
}
