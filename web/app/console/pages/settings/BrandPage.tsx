// How buyers see the platform. What is chosen is shown as the checkout page will have it, before it is saved.
import {useQuery} from '@tanstack/react-query';
import {useEffect, useState} from 'react';
import {useAct} from '../../../api/intent.ts';
import {deleteShopLogo, getShop, getShopColors, putShop, putShopLogo, type Shop} from '../../../api/queries/tenants.ts';
import {useSession} from '../../../api/session.ts';
import type {Seen} from '../../../api/client.ts';
import {grounds, own} from '../../../domain/brand.ts';
import {useEdit, type Edit} from '../../../domain/edit.ts';
import {EditProblem} from '../../../domain/EditProblem.tsx';
import {yuan} from '../../../domain/money.ts';
import {ProblemNote, Shown} from '../../../domain/Problem.tsx';
import {Title} from '../../../domain/Title.tsx';
import {brand} from '../../../i18n/brand.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Drop} from '../../../ui/Drop.tsx';
import {Check, LongField, TextField} from '../../../ui/Field.tsx';
import {Card, Columns, Facts, Page, Row, Soft, Stack} from '../../../ui/Layout.tsx';
import {Note} from '../../../ui/Panel.tsx';
import {Swatch} from '../../../ui/Swatch.tsx';
import {toast} from '../../../ui/Toast.tsx';

const logoMax = 256 * 1024, sample = 3_990, shortened = 22;

type Draft = Required<Pick<Shop, 'name' | 'accent' | 'notice' | 'service_hours' | 'service_contact'>>;

export function BrandPage() {
  const t = useText(brand), {tenant} = useSession(), found = useQuery(getShop(tenant));
  return (
    <Page title={t.brand}>
      <Title of={t.brand} />
      <Soft>{t.lead}</Soft>
      <Shown of={found}>{s => <Shape of={s} />}</Shown>
    </Page>
  );
}

const draftOf = (s: Shop): Draft => ({name: s.name ?? '', accent: s.accent ?? '', notice: s.notice ?? '', service_hours: s.service_hours ?? '', service_contact: s.service_contact ?? ''});

function Shape({of: s}: {of: Seen<Shop>}) {
  const t = useText(brand), {can} = useSession(), edit = useEdit<Seen<Shop>, Draft>(s, draftOf), draft = edit.typed;
  // What was saved comes back as the present state: nothing of it is news.
  const known = edit.stale && edit.news.every(n => draft[n.name as keyof Draft].trim() === n.value);
  useEffect(() => { if (known) edit.take(); });
  return (
    <Columns of="two">
      <Stack>
        <Card>{can('putShop') ? <Form edit={edit} /> : <Facts of={[[t.name, s.name], [t.accent, s.accent], [t.notice, s.notice], [t.hours, s.service_hours], [t.contact, s.service_contact]]} />}</Card>
        {can('putShopLogo') && <Logo of={s} />}
      </Stack>
      <Preview draft={draft} logo={s.logo_path} />
    </Columns>
  );
}

function Form({edit}: {edit: Edit<Seen<Shop>, Draft>}) {
  const t = useText(brand), {tenant} = useSession(), d = edit.typed, set = edit.type;
  const body = Object.fromEntries(Object.entries(d).map(([k, v]) => [k, v.trim()] as const).filter(([, v]) => v !== ''));
  const act = useAct({name: () => 'putShop:' + JSON.stringify(body), run: () => putShop(tenant, edit.base, body), touches: ['getShop'], done: () => toast(t.saved)});
  return (
    <form onSubmit={e => { e.preventDefault(); act.mutate(); }}>
      <Stack>
        <TextField label={t.name} help={t.nameHelp} value={d.name} maxLength={40} onChange={e => set({name: e.target.value})} />
        <Check label={t.ownAccent} checked={d.accent !== ''} onChange={e => set({accent: e.target.checked ? own : ''})} />
        {d.accent !== '' && <TextField label={t.accent} help={t.accentHelp} type="color" value={d.accent} onChange={e => set({accent: e.target.value.toLowerCase()})} />}
        <LongField label={t.notice} help={t.noticeHelp} value={d.notice} maxLength={300} onChange={e => set({notice: e.target.value})} />
        <TextField label={t.hours} value={d.service_hours} maxLength={80} onChange={e => set({service_hours: e.target.value})} />
        <TextField label={t.contact} help={t.contactHelp} value={d.service_contact} maxLength={120} onChange={e => set({service_contact: e.target.value})} />
        <EditProblem act={act} edit={edit} names={{name: t.name, accent: t.accent, notice: t.notice, service_hours: t.hours, service_contact: t.contact}} />
        <Row><Button weight="primary" type="submit" busy={act.isPending}>{t.save}</Button></Row>
      </Stack>
    </form>
  );
}

function Logo({of: s}: {of: Shop}) {
  const t = useText(brand), {tenant, can} = useSession(), [big, setBig] = useState(false);
  const put = useAct({name: (f: File) => `putShopLogo:${f.name}:${f.size}`, run: f => putShopLogo(tenant, f), touches: ['getShop'], done: () => toast(t.logoSet)});
  const remove = useAct<void, unknown>({name: () => 'deleteShopLogo:' + (s.logo_path ?? ''), run: () => deleteShopLogo(tenant), touches: ['getShop'], done: () => toast(t.logoGone)});
  return (
    <Card>
      <Stack tight>
        <Drop label={t.logo} help={t.logoHelp} accept="image/png,image/webp" disabled={put.isPending} onFile={f => { setBig(f.size > logoMax); if (f.size <= logoMax) put.mutate(f); }} />
        {big && <Note tone="bad">{t.tooBig}</Note>}
        {s.logo_path !== undefined && can('deleteShopLogo') && <Row><Button busy={remove.isPending} onClick={() => remove.mutate()}>{t.removeLogo}</Button></Row>}
        <ProblemNote of={put.error ?? remove.error} />
      </Stack>
    </Card>
  );
}

function Preview({draft: d, logo}: {draft: Draft; logo: string | undefined}) {
  const t = useText(brand), {tenant, can, membership} = useSession(), chosen = d.accent || own, {data: colors} = useQuery({...getShopColors(tenant, chosen), enabled: can('getShopColors')});
  const line = d.notice.split('\n')[0] ?? '';
  return (
    <Card>
      <h2>{t.preview}</h2>
      {colors && (['light', 'dark'] as const).map(mode => (
        <Stack tight key={mode}>
          <Soft small>{t[mode]}</Soft>
          <Swatch label={`${t.preview} ${t[mode]}`} {...grounds[mode]} accent={colors[mode].accent} tint={colors[mode].tint} on={colors[mode].on_accent} name={d.name || membership.name} figure={yuan(sample)} button={t.pay} link={d.service_contact || t.link}
            notice={line.length > shortened ? line.slice(0, shortened) + '…' : line} logo={logo} />
          <Soft small>{t.made(chosen, colors[mode].accent)}</Soft>
        </Stack>
      ))}
    </Card>
  );
}
