import {useQuery} from '@tanstack/react-query';
import {getOverview, listTodos} from '../../../api/queries/overview.ts';
import {useSession} from '../../../api/session.ts';
import {Shown} from '../../../domain/Problem.tsx';
import {Time} from '../../../domain/Time.tsx';
import {Title} from '../../../domain/Title.tsx';
import {home} from '../../../i18n/home.ts';
import {useText} from '../../../i18n/texts.ts';
import {Columns, First, Narrow, Page, Stack, Wide} from '../../../ui/Layout.tsx';
import {Panel} from '../../../ui/Panel.tsx';
import {Figures} from './Figures.tsx';
import {Funnel, Stages, Top} from './Money.tsx';
import {Steps} from './Steps.tsx';
import {Todos} from './Todos.tsx';

export function HomePage() {
  const t = useText(home), {tenant, can} = useSession();
  const overview = useQuery({...getOverview(tenant), enabled: can('getOverview')}), todos = useQuery({...listTodos(tenant), enabled: can('listTodos')});
  return (
    <Page title={t.home} count={overview.data && <>{t.asOf} <Time at={overview.data.as_of} /></>}>
      <Title of={t.home} />
      <Steps />
      {can('getOverview') ? <Shown of={overview}>{o => <Figures of={o} />}</Shown> : <Panel title={t.noFigures} />}
      <Columns of="lifted">
        <First>{can('listTodos') && <Shown of={todos}>{({data}) => <Todos of={data} />}</Shown>}{can('listTop') && <Wide><Top of="products" /><Top of="merchants" /></Wide>}</First>
        <Stack>{overview.data && <><Funnel of={overview.data} /><Stages of={overview.data} /></>}{can('listTop') && <Narrow><Top of="products" /><Top of="merchants" /></Narrow>}</Stack>
      </Columns>
    </Page>
  );
}
