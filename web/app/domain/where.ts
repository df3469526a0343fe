// Where a thing is shown: the prefix of its identifier says what it is. A kind without a page has no place.
export interface Place {to: '/$tenant/orders/$order' | '/$tenant/approvals/$approval' | '/$tenant/tasks' | '/$tenant/refunds'
    | '/$tenant/keys/$key' | '/$tenant/webhooks/$endpoint' | '/$tenant/events/$event' | '/$tenant/members/$member'
    | '/$tenant/merchants/$merchant' | '/$tenant/applications/$application' | '/$tenant/products/$product' | '/$tenant/rules/$rule' | '/$tenant/cases/$case'
    | '/$tenant/requests/$request'; params: Record<string, string>}

export function placeOf(tenant: string, id: string, order?: string): Place | undefined {
  if (order !== undefined) return {to: '/$tenant/orders/$order', params: {tenant, order}};
  switch (id.slice(0, id.indexOf('_'))) {
    case 'ord': return {to: '/$tenant/orders/$order', params: {tenant, order: id}};
    case 'apv': return {to: '/$tenant/approvals/$approval', params: {tenant, approval: id}};
    case 'tsk': return {to: '/$tenant/tasks', params: {tenant}};
    case 'key': return {to: '/$tenant/keys/$key', params: {tenant, key: id}};
    case 'whe': return {to: '/$tenant/webhooks/$endpoint', params: {tenant, endpoint: id}};
    case 'mem': return {to: '/$tenant/members/$member', params: {tenant, member: id}};
    case 'evt': return {to: '/$tenant/events/$event', params: {tenant, event: id}};
    case 'mer': return {to: '/$tenant/merchants/$merchant', params: {tenant, merchant: id}};
    case 'app': return {to: '/$tenant/applications/$application', params: {tenant, application: id}};
    case 'prd': return {to: '/$tenant/products/$product', params: {tenant, product: id}};
    case 'spr': return {to: '/$tenant/rules/$rule', params: {tenant, rule: id}};
    case 'case': return {to: '/$tenant/cases/$case', params: {tenant, case: id}};
    case 'req': return {to: '/$tenant/requests/$request', params: {tenant, request: id}};
    default: return undefined;
  }
}
