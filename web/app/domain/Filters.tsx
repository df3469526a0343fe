// The filters of a list as chips. What they say stands in the address.
import {useState, type FormEvent} from 'react';
import {common} from '../i18n/common.ts';
import {useText} from '../i18n/texts.ts';
import {Button} from '../ui/Button.tsx';
import {ChipAdd, ChipBox, ChipButton, ChipOff, Chips} from '../ui/Chips.tsx';
import {Check, SelectField, TextField} from '../ui/Field.tsx';
import {Row, Stack} from '../ui/Layout.tsx';
import {Popover} from '../ui/Popover.tsx';
import {dayOf, isDay, now, plusDays} from './time.ts';
import type {Search} from './filters.ts';

export type FilterField =
  | {kind: 'one-of'; name: string; label: string; of: readonly (readonly [string, string])[]}
  | {kind: 'pick'; name: string; label: string; of: readonly (readonly [string, string])[]} // one of many
  | {kind: 'text'; name: string; label: string}
  | {kind: 'days'; name: 'from'; label: string}; // from and to, half-open: to is the first day that is not meant

interface FiltersProps {fields: readonly FilterField[]; search: Search; onChange: (change: Record<string, string | undefined>) => void}

export function Filters({fields, search, onChange}: FiltersProps) {
  const t = useText(common), set = fields.filter(f => isSet(f, search));
  const clear = Object.fromEntries(fields.flatMap(f => f.kind === 'days' ? [['from', undefined], ['to', undefined]] : [[f.name, undefined]]));
  return (
    <Chips>
      {set.map(f => <Chip key={f.name} field={f} {...{search, onChange}} />)}
      {set.length < fields.length && <Adder fields={fields.filter(f => !isSet(f, search))} {...{search, onChange}} />}
      {set.length > 1 && <Button weight="quiet" onClick={() => onChange(clear)}>{t.clear}</Button>}
    </Chips>
  );
}

const isSet = (f: FilterField, search: Search) => f.kind === 'days' ? search['from'] !== undefined || search['to'] !== undefined : search[f.name] !== undefined;

function said(f: FilterField, search: Search, until: (day: string) => string): string {
  if (f.kind === 'days') return `${search['from'] ?? ''} – ${search['to'] === undefined ? '' : until(search['to'])}`;
  const raw = search[f.name] ?? '';
  return f.kind === 'text' ? raw : raw.split(',').map(v => f.of.find(([value]) => value === v)?.[1] ?? v).join('、');
}

function Chip({field, search, onChange}: {field: FilterField} & Omit<FiltersProps, 'fields'>) {
  const t = useText(common), [open, setOpen] = useState(false), value = said(field, search, d => plusDays(d, -1));
  const off = field.kind === 'days' ? {from: undefined, to: undefined} : {[field.name]: undefined};
  return (
    <ChipBox>
      <Popover open={open} onOpen={setOpen} title={field.label} button={<ChipButton name={field.label} value={value} />}>
        <Editor {...{field, search}} onChange={change => { setOpen(false); onChange(change); }} />
      </Popover>
      <ChipOff label={t.removeFilter(field.label)} onClick={() => onChange(off)} />
    </ChipBox>
  );
}

function Adder({fields, search, onChange}: FiltersProps) {
  const t = useText(common), [open, setOpen] = useState(false), [name, setName] = useState(fields[0]?.name ?? '');
  const field = fields.find(f => f.name === name) ?? fields[0];
  return (
    <Popover open={open} onOpen={setOpen} title={t.addFilter} button={<ChipAdd>{t.addFilter}</ChipAdd>}>
      <Stack tight>
        <SelectField label={t.addFilter} value={field?.name ?? ''} onChange={e => setName(e.target.value)} of={fields.map(f => [f.name, f.label])} />
        {field && <Editor key={field.name} {...{field, search}} onChange={change => { setOpen(false); onChange(change); }} />}
      </Stack>
    </Popover>
  );
}

interface EditorProps {field: FilterField; search: Search; onChange: FiltersProps['onChange']}

function Editor({field, search, onChange}: EditorProps) {
  const t = useText(common);
  const [chosen, setChosen] = useState<readonly string[]>(field.kind === 'one-of' ? (search[field.name] ?? '').split(',').filter(Boolean) : []);
  const [typed, setTyped] = useState(field.kind === 'text' || field.kind === 'pick' ? search[field.name] ?? (field.kind === 'pick' ? field.of[0]?.[0] ?? '' : '') : '');
  const [from, setFrom] = useState(search['from'] ?? ''), [last, setLast] = useState(search['to'] === undefined ? '' : plusDays(search['to'], -1));
  const send = (e: FormEvent) => {
    e.preventDefault();
    if (field.kind === 'one-of') onChange({[field.name]: chosen.join(',') || undefined});
    if (field.kind === 'text' || field.kind === 'pick') onChange({[field.name]: typed.trim() || undefined});
    if (field.kind === 'days') onChange({from: isDay(from) ? from : undefined, to: isDay(last) ? plusDays(last, 1) : undefined});
  };
  const today = dayOf(now());
  const ready: [string, string, string][] = [[t.today, today, today], [t.yesterday, plusDays(today, -1), plusDays(today, -1)], [t.last7, plusDays(today, -6), today], [t.last30, plusDays(today, -29), today], [t.month, today.slice(0, 8) + '01', today]];
  return (
    <form onSubmit={send}>
      <Stack tight>
        {field.kind === 'one-of' && field.of.map(([value, text]) => <Check key={value} label={text} checked={chosen.includes(value)} onChange={e => setChosen(e.target.checked ? [...chosen, value] : chosen.filter(v => v !== value))} />)}
        {field.kind === 'pick' && <SelectField label={field.label} value={typed} onChange={e => setTyped(e.target.value)} of={field.of} />}
        {field.kind === 'text' && <TextField label={field.label} value={typed} maxLength={128} onChange={e => setTyped(e.target.value)} enterKeyHint="search" spellCheck={false} autoCapitalize="none" />}
        {field.kind === 'days' && <>
          <Row>{ready.map(([text, a, b]) => <Button key={text} onClick={() => onChange({from: a, to: plusDays(b, 1)})}>{text}</Button>)}</Row>
          <TextField label={t.from} type="date" value={from} max={last || today} onChange={e => setFrom(e.target.value)} />
          <TextField label={t.until} type="date" value={last} min={from} onChange={e => setLast(e.target.value)} />
        </>}
        <Button weight="primary" type="submit" wide>{t.apply}</Button>
      </Stack>
    </form>
  );
}
