import type {QueryOf} from '../../../api/client.ts';
import {cursor, oneOf, parse, type Search} from '../../../domain/filters.ts';

export const taskFilters = {status: oneOf('queued', 'running', 'succeeded', 'failed', 'canceled'), cursor} as const;
export const taskQuery = (search: Search): QueryOf<'listTasks'> => ({limit: 50, ...parse(taskFilters, search)});
