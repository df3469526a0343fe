// A secret is shown once. Who closes it without having copied it is asked first.
import {useState} from 'react';
import {common} from '../i18n/common.ts';
import {developers} from '../i18n/developers.ts';
import {useText} from '../i18n/texts.ts';
import {Button} from '../ui/Button.tsx';
import {Code} from '../ui/Code.tsx';
import {Dialog} from '../ui/Dialog.tsx';
import {Soft, Stack} from '../ui/Layout.tsx';
import {Note} from '../ui/Panel.tsx';

export function SecretDialog({title, lead, secret, more, onClose}: {title: string; lead: string; secret: string; more?: string; onClose: () => void}) {
  const t = useText(developers), c = useText(common), [copied, setCopied] = useState(false), [asked, setAsked] = useState(false);
  const copy = () => void navigator.clipboard?.writeText(secret).then(() => setCopied(true));
  const close = () => { if (copied || asked) onClose(); else setAsked(true); };
  return (
    <Dialog open onClose={close} title={title} lead={lead} acts={<>
      <Button onClick={close}>{asked && !copied ? t.closeAnyway : t.savedIt}</Button>
      <Button weight="primary" onClick={copy}>{t.copySecret}</Button>
    </>}>
      <Code>{secret}</Code>
      {copied ? <Note tone="good">{c.copied}</Note> : asked && <Note tone="warn">{t.notCopied}</Note>}
      {more !== undefined && <Stack tight><Soft small>{t.tryIt}</Soft><Code>{more}</Code></Stack>}
    </Dialog>
  );
}
