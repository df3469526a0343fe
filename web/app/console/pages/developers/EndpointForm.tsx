import {useNavigate} from '@tanstack/react-router';
import {useState, type ReactNode} from 'react';
import type {Seen} from '../../../api/client.ts';
import {useAct} from '../../../api/intent.ts';
import {asProblem} from '../../../api/problem.ts';
import {createWebhookEndpoint, updateWebhookEndpoint, type Endpoint, type EventType} from '../../../api/queries/webhooks.ts';
import {useSession} from '../../../api/session.ts';
import {useEdit} from '../../../domain/edit.ts';
import {EditProblem} from '../../../domain/EditProblem.tsx';
import {EventTypes} from '../../../domain/EventTypes.tsx';
import {ProblemNote} from '../../../domain/Problem.tsx';
import {faultAt} from '../../../domain/problems.ts';
import {SecretDialog} from '../../../domain/Secret.tsx';
import {codes} from '../../../i18n/codes.ts';
import {common} from '../../../i18n/common.ts';
import {developers} from '../../../i18n/developers.ts';
import {eventWords} from '../../../i18n/events.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Dialog} from '../../../ui/Dialog.tsx';
import {TextField} from '../../../ui/Field.tsx';
import {toast} from '../../../ui/Toast.tsx';

interface Typed {url: string; types: string[] | undefined}

// Fields are those of an endpoint, with what is wrong with them.
function Fields({of, error, onChange, problem = <ProblemNote of={error} />}: {of: Typed; error: Error | null; onChange: (to: Typed) => void; problem?: ReactNode}) {
  const t = useText(developers), c = useText(codes), wrong = faultAt(error === null ? undefined : asProblem(error), '/url', c);
  return <>
    <TextField label={t.url} help={t.urlHelp} wrong={wrong} type="url" value={of.url} maxLength={2048} required spellCheck={false} onChange={e => onChange({...of, url: e.target.value})} />
    <EventTypes chosen={of.types} onChange={types => onChange({...of, types})} />
    {problem}
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

const all = 'all', listOf = (types: string) => types === all ? undefined : types.split(',').filter(Boolean);

export function EditEndpoint({of: e, onClose}: {of: Seen<Endpoint>; onClose: () => void}) {
  const t = useText(developers), c = useText(common), words = useText(eventWords), {tenant} = useSession(), edit = useEdit(e, now => ({url: now.url, types: now.event_types.join(',') || all}));
  const {base, own} = edit, typed: Typed = {url: edit.typed.url, types: listOf(edit.typed.types)}, said = (types: string) => listOf(types)?.map(type => words[type as EventType] ?? type).join(' · ') ?? t.allTypes;
  const act = useAct<void, Endpoint>({
    name: () => `updateWebhookEndpoint:${e.id}`, touches: ['getWebhookEndpoint', 'listWebhookEndpoints'], done: () => { toast(t.saved); onClose(); },
    run: () => updateWebhookEndpoint(tenant, base, {...(own.url !== undefined && {url: typed.url.trim()}), ...(own.types !== undefined && {event_types: (typed.types ?? []) as EventType[]})}),
  });
  return (
    <Dialog open onClose={onClose} title={t.edit} acts={<><Button onClick={onClose}>{c.cancel}</Button><Button weight="primary" busy={act.isPending} onClick={() => act.mutate()}>{t.save}</Button></>}>
      <Fields of={typed} error={act.error} onChange={to => edit.type({url: to.url, types: to.types === undefined ? all : to.types.join(',')})}
        problem={<EditProblem act={act} edit={edit} names={{url: t.url, types: t.types}} say={(of, value) => of === 'types' ? said(value) : value} />} />
    </Dialog>
  );
}
