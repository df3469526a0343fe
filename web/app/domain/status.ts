// Each status has a tone and a shape: a new one does not compile until it has both, and a word in each language.
import type {Enums} from '../i18n/status.ts';
import type {Look} from '../ui/Mark.tsx';

type Looks = {[K in keyof Enums]: Record<Enums[K], Look>};

const waits: Look = ['work', 'ring'], works: Look = ['work', 'half'], done: Look = ['good', 'check'], act: Look = ['act', 'triangle'], look: Look = ['risk', 'triangle'];
const no: Look = ['risk', 'cross'], back: Look = ['over', 'back'], over: Look = ['over', 'dash'], held: Look = ['act', 'bars'];

export const looks: Looks = {
  order: {awaiting_payment: waits, paid: works, delivered: done, closed: over, refunded: back, needs_review: look},
  payment: {created: waits, pending: waits, paid: done, closed: over, refunded: back},
  refund: {pending: waits, succeeded: done, refused: no},
  settlement: {pending: waits, done, refused: no},
  split: {pending: waits, completed: done, refused: no, canceled: over},
  key: {active: done, rolling: works, expired: over, revoked: over}, endpoint: {enabled: done, failing: act, disabled: over},
  invitation: {open: waits, accepted: done, expired: over, revoked: over}, notice: {waiting: waits, merged: over, sent: done, failed: no},
  task: {queued: waits, running: works, succeeded: done, failed: no, canceled: over},
  approval: {waiting: act, scheduled: works, approved: done, refused: no, expired: over, withdrawn: over},
  delivery: {reserved: waits, queued: works, delivered: done, released: over, void: over},
  merchant: {pending: waits, active: done, suspended: held},
  application: {draft: over, submitted: waits, in_review: works, awaiting_signature: act, approved: done, rejected: no},
  audit: {waiting: waits, not_needed: over, passed: done, rejected: no},
  product: {active: done, archived: over},
  cardKey: {available: done, reserved: waits, delivered: works, void: over},
  rule: {active: done, archived: over},
  case: {open: act, closed: over},
  review: {asked: act, confirmed: done, withdrawn: over},
};
