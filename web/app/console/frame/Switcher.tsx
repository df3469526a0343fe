import {useNavigate} from '@tanstack/react-router';
import {ChevronsUpDown} from 'lucide-react';
import {useSession} from '../../api/session.ts';
import {addressOf, isHere} from '../../domain/apps.ts';
import {frame} from '../../i18n/frame.ts';
import {useText} from '../../i18n/texts.ts';
import {Tag} from '../../ui/Mark.tsx';
import {Menu} from '../../ui/Menu.tsx';
import css from './Frame.module.css';

// Switcher says which platform this is, and whether its money is real.
export function Switcher() {
  const t = useText(frame), {membership: m, memberships} = useSession(), navigate = useNavigate();
  const button = (
    <button type="button" className={css['switch']} title={t.switch}>
      <span className={css['logo']} aria-hidden="true">{[...m.name][0]}</span>
      <span className={css['names']}><span className={css['name']}>{m.name}</span><span className={css['mode']}>{t[m.mode]} · {t.roles[m.role]}</span></span>
      <ChevronsUpDown size={14} aria-hidden />
    </button>
  );
  return <Menu button={button} groups={[{name: t.switch, items: memberships.map(o => ({
    id: o.member_id, text: o.name, current: o.tenant_id === m.tenant_id, mark: <Tag tone={o.mode === 'sandbox' ? 'act' : 'good'}>{t[o.mode]}</Tag>,
    go: () => { if (isHere(o)) void navigate({to: '/$tenant', params: {tenant: o.tenant_id}}); else location.assign(addressOf(o)); },
  }))}]} />;
}
