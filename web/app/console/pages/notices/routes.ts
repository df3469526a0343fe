import type {NoticeRoute} from '../../../api/queries/notices.ts';
import {eventTypes} from '../../../domain/EventTypes.tsx';

export const routeState = (r: NoticeRoute): 'enabled' | 'failing' | 'disabled' => r.status === 'disabled' ? 'disabled' : r.failing_since === undefined ? 'enabled' : 'failing';

// groups are the kinds of events that a route may tell of, each as a whole.
export const groups: readonly string[] = [...new Set(eventTypes.map(type => type.slice(0, type.indexOf('.'))))];
