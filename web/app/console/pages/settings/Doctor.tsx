import {useAct} from '../../../api/intent.ts';
import {checkAlipayConnection, type Check, type Connection} from '../../../api/queries/connection.ts';
import {useSession} from '../../../api/session.ts';
import {ProblemNote} from '../../../domain/Problem.tsx';
import {alipay} from '../../../i18n/alipay.ts';
import {useText} from '../../../i18n/texts.ts';
import {Button} from '../../../ui/Button.tsx';
import {Card, Row, Soft, Stack, Strong} from '../../../ui/Layout.tsx';
import {Lines} from '../../../ui/Lines.tsx';
import {Mark, type Look} from '../../../ui/Mark.tsx';
import {Note} from '../../../ui/Panel.tsx';

const looks: Record<string, Look> = {ok: ['good', 'check'], warning: ['act', 'triangle'], error: ['risk', 'cross']};
const order = ['error', 'warning', 'ok'];

// Doctor examines the connection: each line says what it is, how it stands, and what to do when it is not well.
export function Doctor({of: c}: {of: Connection}) {
  const t = useText(alipay), {tenant} = useSession();
  const act = useAct({name: () => `checkAlipayConnection:${c.updated_at}`, run: (_: void, key) => checkAlipayConnection(tenant, key), touches: ['getGoLiveChecklist', 'getAlipayConnection']});
  return (
    <Card>
      <Row between><h2>{t.doctor}</h2><Button weight="primary" busy={act.isPending} onClick={() => act.mutate()}>{t.check}</Button></Row>
      <Soft>{t.doctorLead}</Soft>
      <ProblemNote of={act.error} />
      {act.data !== undefined && <Findings of={act.data} />}
    </Card>
  );
}

function Findings({of: check}: {of: Check}) {
  const t = useText(alipay), wrong = check.findings.filter(f => f.severity === 'error').length;
  const sorted = check.findings.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  return <>
    <Note tone={check.healthy ? 'good' : 'bad'}>{check.healthy ? t.healthy : t.unhealthy(wrong)}</Note>
    <Lines label={t.doctor} of={sorted.map(f => {
      const known = t.checks[f.code], well = f.severity === 'ok';
      return {
        id: f.code, end: <Mark look={looks[f.severity] ?? ['over', 'dash']}>{t.states[f.severity] ?? f.severity}</Mark>,
        what: <Stack tight>
          <Row><Strong>{known?.name ?? f.code}</Strong>{known !== undefined && <Soft small>{known.means}</Soft>}</Row>
          {!well && <><Soft small>{t.todo}{': '}{known?.todo ?? f.remedy}</Soft><Soft small><span lang="en">{f.message}</span></Soft></>}
        </Stack>,
      };
    })} />
  </>;
}
