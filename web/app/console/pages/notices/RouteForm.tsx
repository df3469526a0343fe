import {useState} from 'react';
import type {Seen} from '../../../api/client.ts';
import {useAct} from '../../../api/intent.ts';
import {asProblem} from '../../../api/problem.ts';
import {createNoticeRoute, updateNoticeRoute, type NoticeRoute} from '../../../api/queries/notices.ts';
import {useSession} from '../../../api/session.ts';
import {Confirm} from '../../../domain/Confirm.tsx';
import {useEdit} from '../../../domain/edit.ts';
import {faultAt} from '../../../domain/problems.ts';
import {codes} from '../../../i18n/codes.ts';
import {notices} from '../../../i18n/notices.ts';
import {useLang, useText, type Lang} from '../../../i18n/texts.ts';
import {Check, SelectField, TextField} from '../../../ui/Field.tsx';
import {Soft, Stack, Strong} from '../../../ui/Layout.tsx';
import {toast} from '../../../ui/Toast.tsx';
import {groups} from './routes.ts';

const nameMax = 80, addressMax = 500, secretMax = 128, first: readonly string[] = ['case.*', 'approval.*', 'split.*'];
const zone = '+08:00'; // the platform’s
const channels = ['mail', 'wecom', 'dingtalk', 'feishu'] as const;

// RouteForm adds a route, or changes one: its address and secret are not shown, and stay when nothing is typed.
export function RouteForm({route, onClose, onMade}: {route?: Seen<NoticeRoute>; onClose: () => void; onMade?: (r: NoticeRoute) => void}) {
  const t = useText(notices), c = useText(codes), own = useLang(), {tenant} = useSession();
  const edit = useEdit(route, now => ({name: now?.name ?? '', language: (now?.language ?? own) as string, types: (now?.event_types ?? first).join(','), from: now?.quiet_hours?.from ?? '', until: now?.quiet_hours?.until ?? ''})), {base: r} = edit;
  const {name, from, until} = edit.typed, language = edit.typed.language as Lang, types = edit.typed.types.split(',').filter(Boolean);
  const [channel, setChannel] = useState<NoticeRoute['channel']>(r?.channel ?? 'mail'), [address, setAddress] = useState(''), [secret, setSecret] = useState(''), [checked, setChecked] = useState(false);
  const quiet = from !== '' && until !== '' ? {quiet_hours: {from, until, utc_offset: zone}} : r?.quiet_hours ? {quiet_hours: {from: '00:00', until: '00:00', utc_offset: zone}} : {};
  const same = {name: name.trim(), event_types: [...types], language, ...quiet, ...(secret.trim() !== '' && {secret: secret.trim()})};
  const act = useAct<void, NoticeRoute>({
    name: () => `noticeRoute:${r?.id ?? ''}:${channel}:${name}:${types.join()}:${language}:${from}:${until}`, touches: ['listNoticeRoutes', 'getNoticeRoute'], done: made => { toast(r === undefined ? t.added : t.saved); onClose(); onMade?.(made); },
    run: (_, key) => r === undefined ? createNoticeRoute(tenant, {...same, channel, address: address.trim()}, key) : updateNoticeRoute(tenant, r, {...same, ...(address.trim() !== '' && {address: address.trim()})}),
  });
  const problem = act.error === null ? undefined : asProblem(act.error), wrong = (pointer: string, empty = false) => faultAt(problem, pointer, c) ?? (checked && empty ? c.fields['required'] : undefined);
  const lacks = name.trim() === '' || types.length === 0 || (r === undefined && address.trim() === ''), send = () => { setChecked(true); if (!lacks) act.mutate(); };
  // A route may name single types, too: they stay as they are.
  const offered = [...groups.map(g => [`${g}.*`, t.groups[g] ?? g] as const), ...(r?.event_types ?? []).filter(e => !e.endsWith('.*')).map(e => [e, e] as const)];
  return (
    <Confirm title={r === undefined ? t.newRoute : t.edit} verb={r === undefined ? t.add : t.save} act={act} over={{edit, names: {name: t.name, language: t.language, types: t.about, from: t.quietFrom, until: t.quietUntil}}} go={send} onClose={onClose}>
      <Stack>
        {r === undefined && <SelectField label={t.channel} value={channel} onChange={e => setChannel(e.target.value as typeof channel)} of={channels.map(v => [v, t.channels[v]])} />}
        <TextField label={t.name} help={t.nameHelp} value={name} maxLength={nameMax} required wrong={wrong('/name', name.trim() === '')} onChange={e => edit.type({name: e.target.value})} />
        <TextField label={t.address} help={r === undefined ? t.addressHelp[channel] : t.addressKept} value={address} maxLength={addressMax} autoComplete="off" spellCheck={false} autoCapitalize="none" wrong={wrong('/address', r === undefined && address.trim() === '')} onChange={e => setAddress(e.target.value)} />
        {(channel === 'dingtalk' || channel === 'feishu') && <TextField label={t.secret} help={t.secretHelp} value={secret} maxLength={secretMax} autoComplete="off" spellCheck={false} wrong={wrong('/secret')} onChange={e => setSecret(e.target.value)} />}
        <SelectField label={t.language} value={language} onChange={e => edit.type({language: e.target.value})} of={[['zh', t.languages.zh], ['en', t.languages.en]]} />
        <div role="group" aria-label={t.about}>
          <Strong>{t.about}</Strong> <Soft small>{t.aboutHelp}</Soft>
          {offered.map(([type, text]) => <Check key={type} label={text} checked={types.includes(type)} onChange={e => edit.type({types: (e.target.checked ? [...types, type] : types.filter(x => x !== type)).join(',')})} />)}
        </div>
        <TextField label={t.quietFrom} type="time" value={from} onChange={e => edit.type({from: e.target.value})} />
        <TextField label={t.quietUntil} help={t.quietHelp} type="time" value={until} onChange={e => edit.type({until: e.target.value})} />
      </Stack>
    </Confirm>
  );
}
