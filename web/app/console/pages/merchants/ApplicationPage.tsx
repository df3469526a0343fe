// One application at Alipay: where it stands, what is missing, and what was filled in.
import {useQuery} from '@tanstack/react-query';
import {getRouteApi, useNavigate} from '@tanstack/react-router';
import {ArrowLeft} from 'lucide-react';
import {useState} from 'react';
import type {Seen} from '../../../api/client.ts';
import {useAct} from '../../../api/intent.ts';
import {deleteApplication, getApplication, submitApplication, type Application} from '../../../api/queries/merchants.ts';
import {useSession} from '../../../api/session.ts';
import {Confirm} from '../../../domain/Confirm.tsx';
import {useEdit} from '../../../domain/edit.ts';
import {Id} from '../../../domain/Id.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {Status} from '../../../domain/Status.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {merchants} from '../../../i18n/merchants.ts';
import {statusWords} from '../../../i18n/status.ts';
import {useLang, useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Card, Columns, Facts, First, Page, Soft} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Note} from '../../../ui/Panel.tsx';
import {toast} from '../../../ui/Toast.tsx';
import {Papers} from './Papers.tsx';

const route = getRouteApi('/$tenant/applications/$application');

export function ApplicationPage() {
  const {application} = route.useParams(), {tenant} = useSession(), t = useText(merchants), found = useQuery(getApplication(tenant, application));
  return <><Title of={t.application} /><Shown of={found}>{a => <Shape key={a.id} application={a} />}</Shown></>;
}

const list = '、';

// filled are the fields of the form that have a value, in the form's order.
function filled(form: Application['form'], t: (typeof merchants)['zh']): (readonly [string, string | undefined])[] {
  const names = Object.keys(t.fields) as (keyof typeof t.fields)[];
  const {business_address: address, settle_card: card} = form;
  return [
    ...names.map(name => [t.fields[name], name === 'service' ? form.service?.join(list) : name === 'merchant_type' ? form.merchant_type && (t.types[form.merchant_type] ?? form.merchant_type) : form[name]] as const),
    [t.address, address && `${address.province_code} ${address.city_code} ${address.district_code} ${address.address}`], [t.card, card && `${card.account_inst_name} ${card.account_no}`], [t.holder, card?.account_holder_name],
  ];
}

function Shape({application: a}: {application: Seen<Application>}) {
  const t = useText(merchants), lang = useLang(), {tenant, can} = useSession(), [act, setAct] = useState<'submit' | 'remove'>(), close = () => setAct(undefined), open = a.status === 'draft' || a.status === 'rejected';
  return (
    <Page above={<div><Link block to="/$tenant/merchants/$merchant" params={{tenant, merchant: a.merchant_id}}><ArrowLeft size={16} aria-hidden />{a.merchant_name}</Link></div>} title={a.form.name ?? t.application} count={<Status of="application" is={a.status} />}
      acts={<>
        {a.status === 'draft' && can('deleteApplication') && <Button onClick={() => setAct('remove')}>{t.remove}</Button>}
        {open && can('submitApplication') && <Button weight="primary" onClick={() => setAct('submit')}>{t.submit}</Button>}
      </>}>
      {a.reason !== undefined && a.reason !== '' && <Note tone="bad">{t.reason}{': '}{a.reason}</Note>}
      {a.status === 'awaiting_signature' && a.sign_url !== undefined && <Note tone="warn">{t.signLead} <Id id={a.sign_url} label={t.signUrl} full /></Note>}
      <Columns of="side">
        <Card>
          <h2>{t.form}</h2>
          <Soft small>{t.formHelp}</Soft>
          <Facts of={filled(a.form, t)} />
        </Card>
        <First>
          <Card>
            <h2>{t.audits}</h2>
            {a.requirements.length === 0 ? <Soft>{t.noAudits}</Soft> : <Lines label={t.audits} of={a.requirements.map((r, n) => ({id: `${r.stage}${n}`, what: <>{t.stages[r.stage] ?? r.stage} {(lang === 'en' || r.status === 'rejected') && <Soft small>{r.detail}</Soft>}</>, end: <Status of="audit" is={r.status} />}))} />}
          </Card>
          <Papers of={a} />
          <Card>
            <h2>{t.facts}</h2>
            <Facts of={[
              [t.created, <Time key="c" at={a.created_at} />], [t.submittedAt, a.submitted_at && <Time at={a.submitted_at} />], [t.decidedAt, a.decided_at && <Time at={a.decided_at} />],
              [t.smid, a.smid && <Id id={a.smid} label={t.smid} full />], [t.externalId, a.external_id && <Id id={a.external_id} label={t.externalId} />], [t.id, <Id key="i" id={a.id} label={t.id} />],
            ]} />
          </Card>
        </First>
      </Columns>
      {act === 'submit' && <SubmitDialog application={a} onClose={close} />}
      {act === 'remove' && <RemoveDialog application={a} onClose={close} />}
    </Page>
  );
}

interface ActProps {application: Seen<Application>; onClose: () => void}

function SubmitDialog({application: a, onClose}: ActProps) {
  const t = useText(merchants), {tenant} = useSession();
  const act = useAct({
    name: () => `submitApplication:${a.id}:${a.submitted_at ?? ''}`, run: (_: void, key) => submitApplication(tenant, a.id, key),
    touches: ['getApplication', 'listMerchantApplications', 'listApplications', 'listTodos'], done: () => { toast(t.submitDone); onClose(); },
  });
  return <Confirm title={t.submit} lead={t.submitLead} verb={t.submit} act={act} go={() => act.mutate()} onClose={onClose} />;
}

function RemoveDialog({application: a, onClose}: ActProps) {
  const t = useText(merchants), words = useText(statusWords), {tenant} = useSession(), navigate = useNavigate(), edit = useEdit(a, present => ({status: words.application[present.status], name: present.form.name ?? ''}));
  const act = useAct<void, void>({
    name: () => `deleteApplication:${a.id}`, run: () => deleteApplication(tenant, edit.base), touches: ['listMerchantApplications', 'listApplications', 'listTodos'], reads: ['getApplication'],
    done: () => { toast(t.removed); onClose(); void navigate({to: '/$tenant/merchants/$merchant', params: {tenant, merchant: a.merchant_id}}); },
  });
  return <Confirm title={t.remove} lead={t.removeLead} verb={t.remove} weight="danger" act={act} over={{edit, names: {status: t.status, name: t.name}}} go={() => act.mutate()} onClose={onClose} />;
}
