import {Popover as Base} from '@base-ui/react/popover';
import type {PopoverProps} from './Popover.tsx';
import css from './Menu.module.css';

export function PopoverFull({button, title, open, onOpen, children}: PopoverProps) {
  return (
    <Base.Root open={open} onOpenChange={onOpen}>
      <Base.Trigger render={button} />
      <Base.Portal>
        <Base.Positioner className={css['place']} side="bottom" align="start" sideOffset={4} collisionPadding={8}>
          <Base.Popup className={`${css['popup']} ${css['panel']}`} aria-label={title}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
