import {useQuery} from '@tanstack/react-query';
import {useState} from 'react';
import type {Seen} from '../../../api/client.ts';
import {useAct} from '../../../api/intent.ts';
import {asProblem} from '../../../api/problem.ts';
import {createApproval} from '../../../api/queries/approvals.ts';
import {getTenant, updateTenant, type Tenant} from '../../../api/queries/tenants.ts';
import {useSession} from '../../../api/session.ts';
import {useEdit} from '../../../domain/edit.ts';
import {EditProblem} from '../../../domain/EditProblem.tsx';
import {Id} from '../../../domain/Id.tsx';
import {fenOf, yuan} from '../../../domain/money.ts';
import {ProblemNote, Shown} from '../../../domain/Problem.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {common} from '../../../i18n/common.ts';
import {frame} from '../../../i18n/frame.ts';
import {settings} from '../../../i18n/settings.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Dialog} from '../../../ui/Dialog.tsx';
import {TextField} from '../../../ui/Field.tsx';
import {Card, Columns, Facts, Page} from '../../../ui/Layout.tsx';
import {Note} from '../../../ui/Panel.tsx';
import {toast} from '../../../ui/Toast.tsx';

export function PlatformPage() {
  const t = useText(settings), f = useText(frame), {tenant, can} = useSession(), found = useQuery(getTenant(tenant)), [changing, setChanging] = useState(false);
  return (
    <Page title={t.platform} acts={can('updateTenant') && found.data && <Button weight="primary" onClick={() => setChanging(true)}>{t.change}</Button>}>
      <Title of={t.platform} />
      <Shown of={found}>
        {p => <Columns of="two">
          <Card><Facts of={[
            [t.platformName, p.name], [t.mode, f[p.mode]], [t.limit, p.refund_approval_above_fen === undefined ? t.noLimit : yuan(p.refund_approval_above_fen)], [t.hours, t.hoursOf(p.approval_hours)],
            [t.created, <Time key="c" at={p.created_at} />], [t.id, <Id key="i" id={p.id} label={t.id} />],
          ]} /></Card>
          <Card>
            <h2>{t.kept}</h2>
            <Facts of={[[t.keysShown, t.daysOf(p.card_keys_shown_days)], [t.events, t.daysOf(p.retention.events_days)], [t.attempts, t.daysOf(p.retention.webhook_attempts_days)], [t.log, t.daysOf(p.retention.audit_log_days)]]} />
          </Card>
        </Columns>}
      </Shown>
      {changing && found.data && <Change of={found.data} onClose={() => setChanging(false)} />}
    </Page>
  );
}

const typedOf = (fen: number | undefined) => fen === undefined ? '' : yuan(fen).replace(/[¥,]/g, '');

// Change saves what one person may change. A limit that is raised or taken away is asked for instead.
function Change({of, onClose}: {of: Seen<Tenant>; onClose: () => void}) {
  const t = useText(settings), c = useText(common), {tenant, can} = useSession(), edit = useEdit(of, now => ({name: now.name, limit: typedOf(now.refund_approval_above_fen), hours: String(now.approval_hours)}));
  const {base: p, own} = edit, {name, limit, hours} = edit.typed;
  const fen = limit.trim() === '' ? undefined : fenOf(limit), bad = limit.trim() !== '' && fen === undefined, other = fen !== p.refund_approval_above_fen;
  const save = useAct<void, Tenant>({
    name: () => 'updateTenant', touches: ['getTenant', 'getSession'], done: () => { toast(t.saved); onClose(); },
    run: () => updateTenant(tenant, p, {...(own.name !== undefined && {name: name.trim()}), ...(own.hours !== undefined && {approval_hours: Number(hours)}), ...(other && {refund_approval_above_fen: fen ?? null})}),
  });
  const ask = useAct({
    name: () => `createApproval:refund_limit:${fen ?? ''}`, touches: ['listApprovals', 'listTodos'], done: () => { toast(t.submitted); onClose(); },
    run: (_: void, key) => createApproval(tenant, {kind: 'refund_limit', refund_limit: fen === undefined ? {} : {above_fen: fen}}, key),
  });
  const second = other && save.error !== null && asProblem(save.error).code === 'approval_required' && can('createApproval');
  return (
    <Dialog open onClose={onClose} title={t.change} acts={<><Button onClick={onClose}>{c.cancel}</Button>{second ? <Button weight="primary" busy={ask.isPending} onClick={() => ask.mutate()}>{t.submit}</Button> : <Button weight="primary" busy={save.isPending} onClick={() => { if (!bad) save.mutate(); }}>{t.save}</Button>}</>}>
      <TextField label={t.platformName} value={name} maxLength={64} required onChange={e => edit.type({name: e.target.value})} />
      <TextField label={t.limit} help={t.limitHelp} wrong={bad ? t.badAmount : undefined} inputMode="decimal" value={limit} onChange={e => edit.type({limit: e.target.value})} />
      <TextField label={t.hours} inputMode="numeric" type="number" min={1} value={hours} onChange={e => edit.type({hours: e.target.value})} />
      {second ? <Note tone="warn">{t.needsSecond}</Note> : <EditProblem act={save} edit={edit} names={{name: t.platformName, limit: t.limit, hours: t.hours}} say={(field, value) => field === 'limit' && value === '' ? t.noLimit : value} />}
      <ProblemNote of={ask.error} />
    </Dialog>
  );
}
