// What each role may do: one role beside the other on a desk, a role at a time on a phone.
import {useQuery} from '@tanstack/react-query';
import {getRouteApi} from '@tanstack/react-router';
import {listRoles, type Role} from '../../../api/queries/access.ts';
import {useSession} from '../../../api/session.ts';
import {print, type Search} from '../../../domain/filters.ts';
import {Granted} from '../../../domain/Granted.tsx';
import {granted, roles} from '../../../domain/grants.ts';
import {Shown} from '../../../domain/Problem.tsx';
import {Title} from '../../../domain/Title.tsx';
import {access} from '../../../i18n/access.ts';
import {frame} from '../../../i18n/frame.ts';
import {settings} from '../../../i18n/settings.ts';
import {useLang, useText} from '../../../i18n/texts.ts';
import {SelectField} from '../../../ui/Field.tsx';
import {Narrow, Page, Wide} from '../../../ui/Layout.tsx';
import {Matrix} from '../../../ui/Matrix.tsx';

const route = getRouteApi('/$tenant/roles');

export function RoleMatrix() {
  const t = useText(settings), f = useText(frame), a = useText(access), lang = useLang(), {tenant, membership} = useSession(), search: Search = route.useSearch(), navigate = route.useNavigate(), found = useQuery(listRoles(tenant));
  const chosen = roles.find(r => r === search['role']) ?? roles.find(r => r === membership.role) ?? 'owner';
  return (
    <Page title={t.roles} count={t.rolesLead}>
      <Title of={t.roles} />
      <Shown of={found}>
        {({data}) => {
          const of = (r: Role) => data.find(o => o.role === r)?.operations ?? [], shown = roles.filter(r => of(r).length > 0), all = granted([...new Set(data.flatMap(r => r.operations))], undefined, lang);
          return <>
            <Wide>
              <Matrix label={t.roles} corner={t.what} columns={shown.map(r => ({id: r, text: f.roles[r], note: String(of(r).length), own: r === membership.role}))}
                groups={all.map(g => ({name: a.parts[g.part] ?? g.part, rows: g.names.map(n => ({id: n.id, text: n.text, has: shown.filter(r => of(r).includes(n.id))}))}))} />
            </Wide>
            <Narrow>
              <SelectField label={t.showRole} value={chosen} onChange={e => void navigate({search: print({role: e.target.value})})} of={shown.map(r => [r, f.roles[r]] as const)} />
              <Granted of={granted(of(chosen), undefined, lang)} />
            </Narrow>
          </>;
        }}
      </Shown>
    </Page>
  );
}
