// Who has what of an order's money, what each would give back, and what each has afterwards.
import {useQuery} from '@tanstack/react-query';
import {asProblem, isRefusal, type ProblemError} from '../../../api/problem.ts';
import {getOrderSplit, planRefund, type Order, type Plan} from '../../../api/queries/orders.ts';
import {useSession} from '../../../api/session.ts';
import {yuan} from '../../../domain/money.ts';
import {useMerchants} from '../../../domain/names.ts';
import {ProblemNote} from '../../../domain/Problem.tsx';
import {wordsOf} from '../../../domain/problems.ts';
import {codes} from '../../../i18n/codes.ts';
import {orders} from '../../../i18n/orders.ts';
import {useText} from '../../../i18n/texts.ts';
import {Stack} from '../../../ui/Layout.tsx';
import {Mark} from '../../../ui/Mark.tsx';
import {Wait} from '../../../ui/Panel.tsx';
import {Sums} from '../../../ui/Sums.tsx';
import {partiesOf, type Party} from './parties.ts';

const splitEndsWithin = 2_000;

export interface Planned {plan: Plan | undefined; problem: ProblemError | undefined; refused: boolean}

// usePlan is the plan of this moment. While the split is under way it is asked for again, until there is one.
export function usePlan(order: string, asks: boolean): Planned {
  const {tenant, can} = useSession();
  const {data, error} = useQuery({...planRefund(tenant, order), enabled: asks && can('planRefund'), refetchInterval: q => q.state.error !== null && asProblem(q.state.error).code === 'split_in_progress' ? splitEndsWithin : false});
  const problem = error === null ? undefined : asProblem(error);
  return {plan: data, problem, refused: problem !== undefined && isRefusal(problem)};
}

export function RefundPlan({order, of: {plan, problem}}: {order: Order; of: Planned}) {
  const t = useText(orders), c = useText(codes), {tenant, can} = useSession(), {nameOf} = useMerchants();
  const {data: split} = useQuery({...getOrderSplit(tenant, order.id), enabled: can('getOrderSplit'), retry: false});
  if (plan === undefined) {
    if (problem === undefined) return <Wait label={t.plan} />;
    if (problem.code === 'split_in_progress') return <Mark look={['work', 'half']} wrap>{t.splitUnderWay}</Mark>;
    return isRefusal(problem) ? <Mark look={['risk', 'cross']} wrap>{wordsOf(problem, c).title}</Mark> : <ProblemNote of={problem} />;
  }
  const all = partiesOf(plan, split), sum = (of: 'has' | 'gives') => all.reduce((a, p) => a + p[of], 0);
  const name = (p: Party) => p.merchant === undefined ? t.platform : p.name ?? (p.merchant === order.merchant_of_record_id ? order.merchant_of_record_name : nameOf(p.merchant));
  return (
    <Stack tight>
      <Sums label={t.plan} columns={[t.party, t.has, t.gives, t.after]} rows={all.map(p => ({id: p.id, what: name(p), figures: [yuan(p.has), yuan(p.gives), yuan(p.has - p.gives)]}))}
        total={{id: 'sum', what: t.toBuyer, figures: [yuan(sum('has')), yuan(plan.amount_fen), yuan(sum('has') - sum('gives'))]}} />
      <div>{plan.approval_required ? <Mark look={['act', 'triangle']} wrap>{t.needsApproval}</Mark> : <Mark look={['good', 'check']} wrap>{t.canRefund}</Mark>}</div>
    </Stack>
  );
}
