// The steps of a platform before it earns: what is done, what is open, and the way to each. The first that is open has the button.
import type {ReactNode} from 'react';
import type {Operation, Schema} from '../api/client.ts';
import {useSession} from '../api/session.ts';
import {steps} from '../i18n/steps.ts';
import {useText} from '../i18n/texts.ts';
import {Row, Soft, Stack} from '../ui/Layout.tsx';
import {Lines} from '../ui/Lines.tsx';
import {ButtonLink} from '../ui/Link.tsx';
import {Mark, type Look} from '../ui/Mark.tsx';

export type Step = Schema<'GoLiveStep'>;

const looks: Record<'done' | 'open' | 'failed', Look> = {done: ['good', 'check'], open: ['over', 'dash'], failed: ['risk', 'cross']};

interface Way {to: '/$tenant/alipay' | '/$tenant/alipay/keys' | '/$tenant/merchants' | '/$tenant/products' | '/$tenant/webhooks' | '/$tenant/members'; reads: Operation}

const ways: Partial<Record<Step['kind'], Way>> = {
  connection: {to: '/$tenant/alipay/keys', reads: 'putAlipayConnection'}, connection_check: {to: '/$tenant/alipay', reads: 'checkAlipayConnection'}, merchant_active: {to: '/$tenant/merchants', reads: 'listMerchants'},
  product_on_sale: {to: '/$tenant/products', reads: 'listProducts'}, webhook_endpoint: {to: '/$tenant/webhooks', reads: 'listWebhookEndpoints'}, order_delivered: {to: '/$tenant/products', reads: 'listProducts'},
  two_people: {to: '/$tenant/members', reads: 'listMembers'}, live_tenant: {to: '/$tenant/alipay', reads: 'getAlipayConnection'},
};

export function StepLines({label, of, more = {}}: {label: string; of: readonly Step[]; more?: Partial<Record<Step['kind'], ReactNode>>}) {
  const t = useText(steps), {tenant, can, membership} = useSession(), next = of.find(s => s.state !== 'done')?.kind;
  const how = (s: Step) => (membership.mode === 'sandbox' ? t.inSandbox[s.kind] : undefined) ?? t.how[s.kind];
  const go = (s: Step) => {
    const way = ways[s.kind];
    if (more[s.kind] !== undefined) return more[s.kind];
    return s.state !== 'done' && way !== undefined && can(way.reads) && <ButtonLink weight={s.kind === next ? 'primary' : 'plain'} to={way.to} params={{tenant}}>{t.go[s.kind]}</ButtonLink>;
  };
  return <Lines label={label} of={of.map(s => ({
    id: s.kind, mark: undefined, what: <Stack tight><Row><span>{t.step[s.kind] ?? s.kind}</span><Mark look={looks[s.state]}>{t[s.state]}</Mark></Row>{s.state !== 'done' && <Soft small>{how(s)}</Soft>}</Stack>, end: go(s),
  }))} />;
}
