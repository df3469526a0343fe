import type {Endpoint} from '../../../api/queries/webhooks.ts';
import type {Enums} from '../../../i18n/status.ts';

export const healthOf = (e: Endpoint): Enums['endpoint'] => e.status === 'disabled' ? 'disabled' : e.failing_since === undefined ? 'enabled' : 'failing';

// pretty lays JSON out; anything else stays as it is.
export function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

export const headersOf = (of: Record<string, string>): string => Object.entries(of).map(([name, value]) => `${name}: ${value}`).join('\n');
