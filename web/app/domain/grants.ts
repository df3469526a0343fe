// What a role may do, by the parts of the API; a key may do less of it.
import type {Permissions, Role} from '../api/queries/access.ts';
import {operations} from '../i18n/operations.ts';
import type {Lang} from '../i18n/texts.ts';

export interface Granted {part: string; names: {id: string; text: string}[]}

// resources are the parts that a key is narrowed by. Card keys are no part of the API, but of what is in its orders.
export const resources = ['tenants', 'access', 'merchants', 'onboarding', 'split_rules', 'catalog', 'stock', 'orders', 'card_keys', 'refunds', 'events', 'webhooks', 'cases', 'tasks', 'files', 'approvals'] as const;

export const roles: readonly Role[] = ['owner', 'admin', 'finance', 'risk', 'support', 'developer', 'storefront', 'distributor', 'supplier'];
export const ofMerchant = (role: Role): boolean => role === 'distributor' || role === 'supplier';

export function granted(may: readonly string[], narrowed: Permissions | undefined, lang: Lang): Granted[] {
  const own = new Set(may), out: Granted[] = [];
  for (const [id, part, reads, zh, en] of operations) {
    const level = narrowed?.[part] ?? 'none';
    if (!own.has(id) || (narrowed !== undefined && level !== 'write' && !(level === 'read' && reads))) continue;
    let at = out.find(g => g.part === part);
    if (at === undefined) out.push(at = {part, names: []});
    at.names.push({id, text: lang === 'zh' ? zh : en});
  }
  return out;
}
