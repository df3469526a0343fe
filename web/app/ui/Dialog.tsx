import {Dialog as Base} from '@base-ui/react/dialog';
import type {ReactNode, RefObject} from 'react';
import css from './Dialog.module.css';

interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  lead?: ReactNode;
  acts?: ReactNode;
  high?: boolean; // stands high, for what grows while somebody types
  focus?: RefObject<HTMLElement | null>;
  children?: ReactNode;
}

// Dialog lies over the page; on a phone it is a sheet from below.
export function Dialog({open, onClose, title, lead, acts, high, focus, children}: DialogProps) {
  return (
    <Base.Root open={open} onOpenChange={now => { if (!now) onClose(); }}>
      <Base.Portal>
        <Base.Backdrop className={css['shade']} />
        <Base.Popup className={high ? `${css['popup']} ${css['high']}` : css['popup']} {...(focus && {initialFocus: focus})}>
          <Base.Title className={css['title']}>{title}</Base.Title>
          {lead !== undefined && <Base.Description className={css['lead']}>{lead}</Base.Description>}
          {children}
          {acts !== undefined && <div className={css['acts']}>{acts}</div>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
