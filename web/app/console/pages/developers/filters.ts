import {cursor} from '../../../domain/filters.ts';

export const cursorOnly = {cursor} as const;
