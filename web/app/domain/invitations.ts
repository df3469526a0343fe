import type {Invitation} from '../api/queries/members.ts';
import type {Enums} from '../i18n/status.ts';

// invitationIs is what has become of an invitation.
export function invitationIs(i: Pick<Invitation, 'accepted_at' | 'revoked_at' | 'expires_at'>, now: number): Enums['invitation'] {
  if (i.accepted_at !== undefined) return 'accepted';
  if (i.revoked_at !== undefined) return 'revoked';
  return Date.parse(i.expires_at) <= now ? 'expired' : 'open';
}
