import {Dialog as Base} from '@base-ui/react/dialog';
import {useEffect, useId, type ReactNode, type RefObject} from 'react';
import css from './Dialog.module.css';

interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  lead?: ReactNode;
  acts?: ReactNode;
  high?: boolean; // stands high, for what grows while somebody types
  side?: boolean; // stands beside the page, which can be seen and used meanwhile
  focus?: RefObject<HTMLElement | null>;
  children?: ReactNode;
}

// stack are the dialogs that are open: only the one that lies on top is closed by Escape.
const stack: string[] = [];

// Dialog lies over the page; on a phone it is a sheet from below. What somebody has typed does not vanish by a click beside it.
export function Dialog({open, onClose, title, lead, acts, high = false, side = false, focus, children}: DialogProps) {
  const id = useId();
  useEffect(() => {
    if (!open) return undefined;
    stack.push(id);
    return () => { stack.splice(stack.lastIndexOf(id), 1); };
  }, [open, id]);
  return (
    <Base.Root open={open} onOpenChange={now => { if (!now && stack.at(-1) === id) onClose(); }} disablePointerDismissal={!high} modal={!side}>
      <Base.Portal>
        {!side && <Base.Backdrop className={css['shade']} />}
        <Base.Popup className={high ? `${css['popup']} ${css['high']}` : side ? `${css['popup']} ${css['aside']}` : css['popup']} {...(focus && {initialFocus: focus})}>
          <Base.Title className={css['title']}>{title}</Base.Title>
          {lead !== undefined && <Base.Description className={css['lead']}>{lead}</Base.Description>}
          {children}
          {acts !== undefined && <div className={css['acts']}>{acts}</div>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
