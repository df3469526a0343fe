// The words of a notice, and how they read with made-up values while they are typed.
import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {ArrowLeft} from 'lucide-react';
import {useEffect, useState} from 'react';
import {useAct} from '../../../api/intent.ts';
import {deleteNoticeTemplate, listNoticeTemplates, previewNoticeTemplate, putNoticeTemplate, type NoticeTemplate} from '../../../api/queries/notices.ts';
import {useSession} from '../../../api/session.ts';
import {ProblemNote, Shown} from '../../../domain/Problem.tsx';
import {Title} from '../../../domain/Title.tsx';
import {eventWords} from '../../../i18n/events.ts';
import {notices} from '../../../i18n/notices.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Code} from '../../../ui/Code.tsx';
import {LongField, TextField} from '../../../ui/Field.tsx';
import {Card, Columns, Mono, Page, Row, Soft, Stack, Strong} from '../../../ui/Layout.tsx';
import {Link} from '../../../ui/Link.tsx';
import {Tag} from '../../../ui/Mark.tsx';
import {toast} from '../../../ui/Toast.tsx';
import {Missing} from './Missing.tsx';

const route = getRouteApi('/$tenant/notices/texts/$type/$language');
const waits = 250, titleMax = 120, textMax = 1_000;

export function TemplatePage() {
  const t = useText(notices), {type, language} = route.useParams(), {tenant, can} = useSession(), found = useQuery({...listNoticeTemplates(tenant), enabled: can('listNoticeTemplates')});
  return <><Title of={t.template} /><Shown of={found}>{({data}) => { const m = data.find(x => x.event_type === type && x.language === language); return m === undefined ? <Missing /> : <Shape key={`${type}${language}${m.updated_at ?? ''}`} of={m} />; }}</Shown></>;
}

// useRested is a value once it has not changed for a moment.
function useRested<T>(value: T): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const soon = setTimeout(() => setRested(value), waits);
    return () => clearTimeout(soon);
  }, [value]);
  return rested;
}

function Shape({of: m}: {of: NoticeTemplate}) {
  const t = useText(notices), words = useText(eventWords), {tenant, can} = useSession(), [title, setTitle] = useState(m.title), [text, setText] = useState(m.text), may = can('putNoticeTemplate');
  const save = useAct<void, NoticeTemplate>({name: () => `putNoticeTemplate:${m.event_type}:${m.language}`, run: () => putNoticeTemplate(tenant, m, {title, text}), touches: ['listNoticeTemplates'], done: () => toast(t.saved)});
  const restore = useAct<void, void>({name: () => `deleteNoticeTemplate:${m.event_type}:${m.language}`, run: () => deleteNoticeTemplate(tenant, m), touches: ['listNoticeTemplates'], done: () => toast(t.restored)});
  return (
    <Page title={words[m.event_type] ?? m.event_type} count={<Tag tone={m.own ? 'work' : 'over'}>{m.own ? t.own : t.usual}</Tag>} above={<div><Link block to="/$tenant/notices" params={{tenant}} search={{show: 'texts'}}><ArrowLeft size={16} aria-hidden />{t.texts}</Link></div>}>
      <Columns of="two">
        <Card>
          <TextField label={t.textTitle} value={title} maxLength={titleMax} disabled={!may} onChange={e => setTitle(e.target.value)} />
          <LongField label={t.text} value={text} rows={6} maxLength={textMax} disabled={!may} onChange={e => setText(e.target.value)} />
          <Stack tight><Soft small>{t.variables}</Soft><Row>{m.variables.map(v => <Mono key={v}>{`{{${v}}}`}</Mono>)}</Row><Soft small>{t.variablesHelp}</Soft></Stack>
          <ProblemNote of={save.error ?? restore.error} />
          <Row>{may && <Button weight="primary" busy={save.isPending} onClick={() => save.mutate()}>{t.save}</Button>}{m.own && can('deleteNoticeTemplate') && <Button busy={restore.isPending} onClick={() => restore.mutate()}>{t.restore}</Button>}</Row>
        </Card>
        {can('previewNoticeTemplate') && <Preview of={m} title={title} text={text} />}
      </Columns>
    </Page>
  );
}

function Preview({of: m, title, text}: {of: NoticeTemplate; title: string; text: string}) {
  const t = useText(notices), {tenant} = useSession(), rested = {title: useRested(title), text: useRested(text)}, found = useQuery({...previewNoticeTemplate(tenant, m, rested), enabled: rested.title.trim() !== '' && rested.text.trim() !== ''});
  return (
    <Card>
      <h2>{t.preview}</h2>
      {found.isError ? <><ProblemNote of={found.error} /><Soft small>{t.noPreview}</Soft></> : found.data && <><Strong>{found.data.title}</Strong><Code>{found.data.text}</Code></>}
    </Card>
  );
}
