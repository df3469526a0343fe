// Why Alipay refused, in its own words, and what a person does about it.
import {codeIn, remedies} from '../i18n/remedies.ts';
import {useText} from '../i18n/texts.ts';
import {Soft, Stack} from '../ui/Layout.tsx';

export function Reason({of, soft = false}: {of: string; soft?: boolean}) {
  const t = useText(remedies), code = codeIn(of), todo = code === undefined ? undefined : t[code];
  if (of === '') return null;
  return <Stack tight><span>{of}</span>{todo !== undefined && (soft ? <Soft small>{todo}</Soft> : <span>{todo}</span>)}</Stack>;
}
