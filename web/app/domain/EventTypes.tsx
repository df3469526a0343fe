// Which types of events are meant: all, or those that are chosen.
import type {EventType} from '../api/queries/webhooks.ts';
import {developers} from '../i18n/developers.ts';
import {eventWords} from '../i18n/events.ts';
import {useText} from '../i18n/texts.ts';
import {Check, SelectField} from '../ui/Field.tsx';
import {Stack} from '../ui/Layout.tsx';

export const eventTypes = Object.keys(eventWords.zh).filter(t => t !== 'webhook.test') as EventType[];

// EventTypes is undefined for all.
export function EventTypes({chosen, onChange}: {chosen: readonly string[] | undefined; onChange: (to: string[] | undefined) => void}) {
  const t = useText(developers), words = useText(eventWords);
  return (
    <Stack tight>
      <SelectField label={t.types} value={chosen === undefined ? 'all' : 'some'} onChange={e => onChange(e.target.value === 'all' ? undefined : [])} of={[['all', t.allTypes], ['some', t.chosenTypes]]} />
      {chosen !== undefined && <div role="group" aria-label={t.types}>{eventTypes.map(type => <Check key={type} label={`${words[type]} · ${type}`} checked={chosen.includes(type)} onChange={e => onChange(e.target.checked ? [...chosen, type] : chosen.filter(c => c !== type))} />)}</div>}
    </Stack>
  );
}
