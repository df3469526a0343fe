import {Check, Copy} from 'lucide-react';
import {useState} from 'react';
import {common} from '../i18n/common.ts';
import {useText} from '../i18n/texts.ts';
import {Button} from '../ui/Button.tsx';
import {Held, Mono} from '../ui/Layout.tsx';

const shownFor = 1_600, tail = 8;

export function CopyButton({what, label}: {what: string; label: string}) {
  const t = useText(common), [done, setDone] = useState(false);
  const copy = () => {
    void navigator.clipboard?.writeText(what).then(() => {
      setDone(true);
      setTimeout(() => setDone(false), shownFor);
    });
  };
  return <Button weight="quiet" icon aria-label={`${done ? t.copied : t.copy} ${label}`} onClick={copy}>{done ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}</Button>;
}

// Id shows the end of an identifier; what is copied is the whole, and what is copied is what search finds.
export const Id = ({id, label, full = false}: {id: string; label: string; full?: boolean}) => <Held><Mono>{full || id.length <= tail + 4 ? id : '…' + id.slice(-tail)}</Mono><CopyButton what={id} label={label} /></Held>;
