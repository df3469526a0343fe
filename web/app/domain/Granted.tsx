import {access} from '../i18n/access.ts';
import {developers} from '../i18n/developers.ts';
import {useText} from '../i18n/texts.ts';
import {Card, Row, Soft, Stack, Strong} from '../ui/Layout.tsx';
import type {Granted as Part} from './grants.ts';

// Granted spells out what somebody, or a key, may do.
export function Granted({of}: {of: readonly Part[]}) {
  const t = useText(developers), a = useText(access), n = of.reduce((sum, p) => sum + p.names.length, 0);
  return (
    <Card>
      <Row between><h2>{t.may}</h2><Soft>{t.operations(n)}</Soft></Row>
      {n === 0 && <Soft>{t.mayNothing}</Soft>}
      <Stack>{of.map(p => <Stack tight key={p.part}><Strong>{a.parts[p.part] ?? p.part}</Strong><Soft small>{p.names.map(o => o.text).join(' · ')}</Soft></Stack>)}</Stack>
    </Card>
  );
}
