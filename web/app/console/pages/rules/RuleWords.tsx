import type {PartRule} from '../../../api/queries/rules.ts';
import {useMerchants} from '../../../domain/names.ts';
import {rules} from '../../../i18n/rules.ts';
import {useText} from '../../../i18n/texts.ts';
import {Soft} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {changesBetween, platform, receiverOf, wordsOf} from './parts.ts';

type Texts = (typeof rules)['zh'];

// saidOf are the parts of a rule in one line.
export const saidOf = (parts: readonly PartRule[], t: Texts, nameOf: (id: string) => string): string =>
  parts.length === 0 ? t.nothing : parts.map(p => `${receiverOf(p) === platform ? t.platform : nameOf(receiverOf(p))} ${wordsOf(p, t)}`).join(' · ');

// Changes are who gets something else by the later version.
export function Changes({before, after}: {before: readonly PartRule[]; after: readonly PartRule[]}) {
  const t = useText(rules), {nameOf} = useMerchants(), all = changesBetween(before, after, t);
  if (all.length === 0) return <Soft>{t.noChange}</Soft>;
  return <Lines label={t.changes} of={all.map(c => ({
    id: c.to, what: c.to === platform ? t.platform : nameOf(c.to), end: `${c.before === undefined ? t.fresh : wordsOf(c.before, t)} → ${c.after === undefined ? t.gone : wordsOf(c.after, t)}`,
  }))} />;
}
