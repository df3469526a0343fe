import {useNavigate} from '@tanstack/react-router';
import {useState} from 'react';
import type {Seen} from '../../../api/client.ts';
import {useAct} from '../../../api/intent.ts';
import {deleteWebhookEndpoint, rotateWebhookSecret, type Endpoint} from '../../../api/queries/webhooks.ts';
import {useSession} from '../../../api/session.ts';
import {useEdit} from '../../../domain/edit.ts';
import {EditProblem} from '../../../domain/EditProblem.tsx';
import {ProblemNote} from '../../../domain/Problem.tsx';
import {SecretDialog} from '../../../domain/Secret.tsx';
import {common} from '../../../i18n/common.ts';
import {developers} from '../../../i18n/developers.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Dialog} from '../../../ui/Dialog.tsx';
import {SelectField} from '../../../ui/Field.tsx';
import {toast} from '../../../ui/Toast.tsx';

interface ActProps {of: Seen<Endpoint>; onClose: () => void}

const usualOverlap = '86400';

export function RotateSecret({of: e, onClose}: ActProps) {
  const t = useText(developers), c = useText(common), {tenant} = useSession(), [overlap, setOverlap] = useState(usualOverlap);
  const act = useAct({name: () => `rotateWebhookSecret:${e.id}:${e.previous_secret_until ?? ''}:${overlap}`, run: (_: void, key) => rotateWebhookSecret(tenant, e.id, Number(overlap), key), touches: ['getWebhookEndpoint']});
  if (act.data !== undefined) return <SecretDialog title={t.rolled} lead={t.signLead} secret={act.data.secret} onClose={onClose} />;
  return (
    <Dialog open onClose={onClose} title={t.rotate} lead={t.rotateLead} acts={<><Button onClick={onClose}>{c.cancel}</Button><Button weight="primary" busy={act.isPending} onClick={() => act.mutate()}>{t.rotate}</Button></>}>
      <SelectField label={t.overlap} value={overlap} onChange={event => setOverlap(event.target.value)} of={Object.entries(t.overlaps)} />
      <ProblemNote of={act.error} />
    </Dialog>
  );
}

export function DeleteEndpoint({of: e, onClose}: ActProps) {
  const t = useText(developers), c = useText(common), {tenant} = useSession(), navigate = useNavigate(), edit = useEdit(e, now => ({url: now.url}));
  const act = useAct<void, void>({
    name: () => `deleteWebhookEndpoint:${e.id}`, run: () => deleteWebhookEndpoint(tenant, edit.base), touches: ['listWebhookEndpoints', 'listTodos'], reads: ['getWebhookEndpoint'],
    done: () => { toast(t.removed); void navigate({to: '/$tenant/webhooks', params: {tenant}}); },
  });
  return (
    <Dialog open onClose={onClose} title={t.remove} lead={t.removeLead} acts={<><Button onClick={onClose}>{c.cancel}</Button><Button weight="danger" busy={act.isPending} onClick={() => act.mutate()}>{t.remove}</Button></>}>
      <EditProblem act={act} edit={edit} names={{url: t.url}} />
    </Dialog>
  );
}
