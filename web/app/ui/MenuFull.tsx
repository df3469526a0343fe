import {Menu as Base} from '@base-ui/react/menu';
import type {MenuProps} from './Menu.tsx';
import css from './Menu.module.css';

// MenuFull is the menu itself; it is open when it comes.
export function MenuFull({button, groups, side = 'bottom'}: MenuProps) {
  return (
    <Base.Root defaultOpen>
      <Base.Trigger render={button} />
      <Base.Portal>
        <Base.Positioner className={css['place']} side={side} align="start" sideOffset={4} collisionPadding={8}>
          <Base.Popup className={css['popup']}>
            {groups.filter(g => g.items.length > 0).map((g, n) => (
              <Base.Group key={g.name ?? n}>
                {n > 0 && <Base.Separator className={css['line']} />}
                {g.name !== undefined && <Base.GroupLabel className={css['group']}>{g.name}</Base.GroupLabel>}
                {g.items.map(i => (
                  <Base.Item key={i.id} className={css['item']} onClick={i.go} disabled={i.disabled ?? false} aria-current={i.current ? 'true' : undefined}>
                    <span className={css['grow']}>{i.text}</span>{i.mark}
                  </Base.Item>
                ))}
              </Base.Group>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
