// The credentials of an app of Alipay. Keys are pasted or read from files, sent, and never shown again.
import {useQuery} from '@tanstack/react-query';
import {useNavigate} from '@tanstack/react-router';
import {ArrowLeft} from 'lucide-react';
import {useState, type FormEvent} from 'react';
import type {Seen} from '../../../api/client.ts';
import {useAct} from '../../../api/intent.ts';
import {asProblem} from '../../../api/problem.ts';
import {getAlipayConnection, putAlipayConnection, type Connection, type ConnectionPut} from '../../../api/queries/connection.ts';
import {useSession} from '../../../api/session.ts';
import {useEdit} from '../../../domain/edit.ts';
import {EditProblem} from '../../../domain/EditProblem.tsx';
import {Shown} from '../../../domain/Problem.tsx';
import {faultAt} from '../../../domain/problems.ts';
import {Title} from '../../../domain/Title.tsx';
import {alipay} from '../../../i18n/alipay.ts';
import {codes} from '../../../i18n/codes.ts';
import {common} from '../../../i18n/common.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Drop} from '../../../ui/Drop.tsx';
import {LongField, SelectField, TextField} from '../../../ui/Field.tsx';
import {Card, Page, Row, Soft, Stack, Strong} from '../../../ui/Layout.tsx';
import {ButtonLink, Link} from '../../../ui/Link.tsx';
import {Note, Panel} from '../../../ui/Panel.tsx';
import {toast} from '../../../ui/Toast.tsx';

export function AlipayForm() {
  const t = useText(alipay), c = useText(codes), {tenant, can} = useSession(), found = useQuery({...getAlipayConnection(tenant), enabled: can('getAlipayConnection')}), missing = found.error !== null && asProblem(found.error).code === 'alipay_connection_missing';
  return (
    <Page title={t.formTitle} above={<div><Link block to="/$tenant/alipay" params={{tenant}}><ArrowLeft size={16} aria-hidden />{t.back}</Link></div>}>
      <Title of={t.formTitle} />
      {!can('putAlipayConnection') ? <Panel title={c.forbiddenTodo} /> : missing ? <Form /> : <Shown of={found}>{c => <Form key={c.app_id} now={c} />}</Shown>}
    </Page>
  );
}

type Secret = 'private_key' | 'alipay_public_key' | 'app_certificate' | 'alipay_certificate' | 'root_certificate';

const alipaySandbox = /alipaydev/, digits = 16, tokenMax = 64;

function Form({now}: {now?: Seen<Connection>}) {
  const edit = useEdit(now, of => ({app: of?.app_id ?? '', pid: of?.pid ?? ''}));
  const t = useText(alipay), c = useText(codes), w = useText(common), {tenant, membership} = useSession(), navigate = useNavigate(), live = membership.mode === 'live';
  const [gateway, setGateway] = useState<ConnectionPut['gateway']>(live ? 'production' : now !== undefined && alipaySandbox.test(now.gateway_url) ? 'alipay_sandbox' : 'simulator'), [mode, setMode] = useState<'public_key' | 'certificate'>(now?.mode === 'certificate' ? 'certificate' : 'public_key');
  const [app, setApp] = useState(now?.app_id ?? ''), [pid, setPid] = useState(now?.pid ?? ''), [token, setToken] = useState(''), [secrets, setSecrets] = useState<Partial<Record<Secret, string>>>({}), [checked, setChecked] = useState(false);
  const fields: readonly (readonly [Secret, string, string])[] = [['private_key', t.privateKey, t.privateKeyHelp], ...(mode === 'public_key' ? [['alipay_public_key', t.publicKey, t.publicKeyHelp]] as const : [['app_certificate', t.appCertificate, t.appCertificateHelp], ['alipay_certificate', t.alipayCertificate, t.alipayCertificateHelp], ['root_certificate', t.root, t.rootHelp]] as const)];
  const act = useAct<void, Connection>({
    name: () => `putAlipayConnection:${app}`, touches: ['getAlipayConnection', 'getGoLiveChecklist', 'getSandbox'], done: () => { toast(t.saved); void navigate({to: '/$tenant/alipay', params: {tenant}}); },
    run: () => putAlipayConnection(tenant, edit.base, {gateway, app_id: app.trim(), pid: pid.trim(), private_key: '', ...Object.fromEntries(fields.map(([name]) => [name, secrets[name] ?? ''])), ...(token.trim() !== '' && {app_auth_token: token.trim()})}),
  });
  const problem = act.error === null ? undefined : asProblem(act.error), need = (value: string) => checked && value.trim() === '' ? c.fields['required'] : undefined, wrong = (name: string, value: string) => faultAt(problem, '/' + name, c) ?? need(value);
  const send = (e: FormEvent) => {
    e.preventDefault();
    setChecked(true);
    if (app.trim() !== '' && pid.trim() !== '' && fields.every(([name]) => (secrets[name] ?? '').trim() !== '')) act.mutate();
  };
  return (
    <form onSubmit={send} noValidate>
      <Card>
        <Soft>{t.formLead}</Soft>
        {!live && <SelectField label={t.gateway} value={gateway} onChange={e => setGateway(e.target.value as typeof gateway)} wrong={faultAt(problem, '/gateway', c)} of={(['simulator', 'alipay_sandbox'] as const).map(g => [g, t.gateways[g]])} />}
        <TextField label={t.appId} help={t.appIdHelp} value={app} maxLength={digits} inputMode="numeric" autoComplete="off" wrong={wrong('app_id', app)} onChange={e => setApp(e.target.value)} />
        <TextField label={t.pid} help={t.pidHelp} value={pid} maxLength={digits} inputMode="numeric" autoComplete="off" wrong={wrong('pid', pid)} onChange={e => setPid(e.target.value)} />
        <SelectField label={t.mode} value={mode} onChange={e => setMode(e.target.value === 'certificate' ? 'certificate' : 'public_key')} of={[['public_key', t.modes.public_key], ['certificate', t.modes.certificate]]} />
        {fields.map(([name, label, help]) => <KeyField key={name} label={label} help={help} value={secrets[name] ?? ''} wrong={wrong(name, secrets[name] ?? '')} onChange={value => setSecrets({...secrets, [name]: value})} />)}
        <TextField label={t.token} help={t.tokenHelp} value={token} maxLength={tokenMax} autoComplete="off" spellCheck={false} wrong={faultAt(problem, '/app_auth_token', c)} onChange={e => setToken(e.target.value)} />
        <EditProblem act={act} edit={edit} names={{app: t.appId, pid: t.pid}} />
        {problem !== undefined && problem.detail !== '' && <Soft small><span lang="en">{problem.detail}</span></Soft>}
        <Row><Button weight="primary" type="submit" busy={act.isPending}>{t.save}</Button><ButtonLink to="/$tenant/alipay" params={{tenant}}>{w.cancel}</ButtonLink></Row>
      </Card>
    </form>
  );
}

const fileMost = 65_536;

interface KeyProps {label: string; help: string; value: string; wrong: string | undefined; onChange: (to: string) => void}

// KeyField takes a key or a certificate. Of what was pasted or read from a file only the length is shown.
function KeyField({label, help, value, wrong, onChange}: KeyProps) {
  const t = useText(alipay), [filled, setFilled] = useState(false), [large, setLarge] = useState(false);
  const read = (file: File) => {
    setLarge(file.size > fileMost);
    if (file.size <= fileMost) void file.text().then(text => { onChange(text.trim()); setFilled(true); });
  };
  if (filled && value !== '') return <Stack tight><Strong>{label}</Strong><Note tone={wrong === undefined ? 'good' : 'bad'} acts={<Button onClick={() => { onChange(''); setFilled(false); }}>{t.clear}</Button>}>{t.filled(value.length)}{wrong !== undefined && ` · ${wrong}`}</Note></Stack>;
  return (
    <Stack tight>
      <LongField label={label} help={help} wrong={large ? t.unreadable : wrong} value={value} rows={3} autoComplete="off" autoCapitalize="none" spellCheck={false} onPaste={e => { e.preventDefault(); onChange(e.clipboardData.getData('text').trim()); setFilled(true); }} onChange={e => onChange(e.target.value)} />
      <Drop low label={`${t.file}: ${label}`} onFile={read} />
    </Stack>
  );
}
