import {useNavigate} from '@tanstack/react-router';
import {useState} from 'react';
import {useAct} from '../../../api/intent.ts';
import {asProblem} from '../../../api/problem.ts';
import {createWebhookEndpoint, updateWebhookEndpoint, type Endpoint, type EventType} from '../../../api/queries/webhooks.ts';
import {useSession} from '../../../api/session.ts';
import {EventTypes} from '../../../domain/EventTypes.tsx';
import {ProblemNote} from '../../../domain/Problem.tsx';
import {faultAt} from '../../../domain/problems.ts';
import {SecretDialog} from '../../../domain/Secret.tsx';
import {codes} from '../../../i18n/codes.ts';
import {common} from '../../../i18n/common.ts';
import {developers} from '../../../i18n/developers.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Dialog} from '../../../ui/Dialog.tsx';
import {TextField} from '../../../ui/Field.tsx';
import {toast} from '../../../ui/Toast.tsx';

interface Typed {url: string; types: string[] | undefined}

// Fields are those of an endpoint, with what is wrong with them.
function Fields({of, error, onChange}: {of: Typed; error: Error | null; onChange: (to: Typed) => void}) {
  const t = useText(developers), c = useText(codes), wrong = faultAt(error === null ? undefined : asProblem(error), '/url', c);
  return <>
    <TextField label={t.url} help={t.urlHelp} wrong={wrong} type="url" value={of.url} maxLength={2048} required spellCheck={false} onChange={e => onChange({...of, url: e.target.value})} />
    <EventTypes chosen={of.types} onChange={types => onChange({...of, types})} />
    <ProblemNote of={error} />
  </>;
}

export function NewEndpoint({onClose}: {onClose: () => void}) {
  const t = useText(developers), c = useText(common), {tenant} = useSession(), navigate = useNavigate(), [typed, setTyped] = useState<Typed>({url: '', types: undefined});
  const act = useAct({
    name: () => 'createWebhookEndpoint:' + JSON.stringify(typed), touches: ['listWebhookEndpoints', 'getGoLiveChecklist'],
    run: (_: void, key) => createWebhookEndpoint(tenant, {url: typed.url.trim(), ...(typed.types && {event_types: typed.types as EventType[]})}, key),
  });
  if (act.data !== undefined) return <SecretDialog title={t.endpointMade} lead={t.signLead} secret={act.data.secret} onClose={() => { onClose(); void navigate({to: '/$tenant/webhooks/$endpoint', params: {tenant, endpoint: act.data.id}}); }} />;
  return (
    <Dialog open onClose={onClose} title={t.newEndpoint} acts={<><Button onClick={onClose}>{c.cancel}</Button><Button weight="primary" busy={act.isPending} onClick={() => act.mutate()}>{t.create}</Button></>}>
      <Fields of={typed} error={act.error} onChange={setTyped} />
    </Dialog>
  );
}

export function EditEndpoint({of: e, onClose}: {of: Endpoint; onClose: () => void}) {
  const t = useText(developers), c = useText(common), {tenant} = useSession(), [typed, setTyped] = useState<Typed>({url: e.url, types: e.event_types.length === 0 ? undefined : e.event_types});
  const act = useAct<void, Endpoint>({
    name: () => `updateWebhookEndpoint:${e.id}`, touches: ['getWebhookEndpoint', 'listWebhookEndpoints'], done: () => { toast(t.saved); onClose(); },
    run: () => updateWebhookEndpoint(tenant, e.id, {url: typed.url.trim(), event_types: (typed.types ?? []) as EventType[]}),
  });
  return (
    <Dialog open onClose={onClose} title={t.edit} acts={<><Button onClick={onClose}>{c.cancel}</Button><Button weight="primary" busy={act.isPending} onClick={() => act.mutate()}>{t.save}</Button></>}>
      <Fields of={typed} error={act.error} onChange={setTyped} />
    </Dialog>
  );
}
