import {useQuery} from '@tanstack/react-query';
import {useNavigate} from '@tanstack/react-router';
import {useState} from 'react';
import {useAct} from '../../../api/intent.ts';
import {createLiveTenant} from '../../../api/queries/connection.ts';
import {getGoLiveChecklist} from '../../../api/queries/overview.ts';
import {useSession} from '../../../api/session.ts';
import {Confirm} from '../../../domain/Confirm.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {StepLines} from '../../../domain/StepLines.tsx';
import {alipay} from '../../../i18n/alipay.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {TextField} from '../../../ui/Field.tsx';
import {Card, Soft} from '../../../ui/Layout.tsx';
import {ButtonLink} from '../../../ui/Link.tsx';
import {Note} from '../../../ui/Panel.tsx';
import {toast} from '../../../ui/Toast.tsx';

const nameMax = 80;

// GoLive is what a platform still needs before it earns, each line with the way to it, and in a sandbox the live platform.
export function GoLive() {
  const t = useText(alipay), {tenant, can, memberships, membership} = useSession(), found = useQuery(getGoLiveChecklist(tenant)), [opening, setOpening] = useState(false), close = () => setOpening(false);
  return (
    <Card>
      <h2>{t.live}</h2>
      <Soft>{t.liveLead}</Soft>
      <Shown of={found}>
        {list => {
          const twin = memberships.find(m => m.tenant_id === list.twin_id && m.merchant_id === undefined);
          const toTwin = twin && <ButtonLink to="/$tenant" params={{tenant: twin.tenant_id}}>{t.toTwin[membership.mode]}</ButtonLink>;
          const open = list.twin_id === undefined ? can('createLiveTenant') && <Button onClick={() => setOpening(true)}>{t.openLive}</Button> : toTwin;
          return <>
            {list.ready && <Note tone="good">{t.ready}</Note>}
            <StepLines label={t.live} of={list.steps} more={{live_tenant: open ?? false}} />
            {membership.mode === 'live' && toTwin && <div>{toTwin}</div>}
          </>;
        }}
      </Shown>
      {opening && <OpenLive onClose={close} />}
    </Card>
  );
}

function OpenLive({onClose}: {onClose: () => void}) {
  const t = useText(alipay), {tenant} = useSession(), navigate = useNavigate(), [name, setName] = useState('');
  const act = useAct({
    name: () => `createLiveTenant:${tenant}:${name}`, run: (_: void, key) => createLiveTenant(tenant, name.trim(), key), touches: ['getSession', 'getGoLiveChecklist'],
    done: made => { toast(t.opened); onClose(); void navigate({to: '/$tenant/alipay', params: {tenant: made.id}}); },
  });
  return (
    <Confirm title={t.openLive} lead={t.openLead} verb={t.openLive} act={act} go={() => act.mutate()} onClose={onClose}>
      <TextField label={t.liveName} help={t.liveHelp} value={name} maxLength={nameMax} onChange={e => setName(e.target.value)} />
    </Confirm>
  );
}
