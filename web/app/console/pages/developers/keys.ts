import type {APIKey} from '../../../api/queries/access.ts';
import type {Enums} from '../../../i18n/status.ts';
import {now} from '../../../domain/time.ts';

const over = (at: string | undefined) => at !== undefined && Date.parse(at) <= now();

export const statusOf = (k: APIKey): Enums['key'] =>
  over(k.revoked_at) ? 'revoked' : over(k.expires_at) ? 'expired' : k.previous_secret_until !== undefined && !over(k.previous_secret_until) ? 'rolling' : 'active';

// firstCall is what to try with a new key; the key itself is put into the environment.
export const firstCall = (): string => `curl ${location.origin}/v1/tenant \\\n  -H "Authorization: Bearer $ZHITONG_KEY"`;
