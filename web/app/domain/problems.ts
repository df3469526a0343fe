import type {codes} from '../i18n/codes.ts';
import {unreachable, unreadable, type ProblemError} from '../api/problem.ts';

export interface Words {title: string; todo: string; detail: string}

// wordsOf says what happened and what to do now. What happened the server says in the language of the page; its details are English sentences, shown as they are.
export function wordsOf(p: ProblemError, t: (typeof codes)['zh']): Words {
  const own = (title: string, todo: string) => ({title, todo, detail: p.detail});
  if (p.code === unreachable) return own(t.unreachable, t.unreachableTodo);
  if (p.code === unreadable) return own(t.unreadable, t.unreadableTodo);
  if (p.code === 'broken') return own(t.broken, t.brokenTodo);
  return own(p.title, todoOf(p, t));
}

function todoOf(p: ProblemError, t: (typeof codes)['zh']): string {
  if (p.code === 'second_factor_required') return t.second_factor_required;
  const own = t.todos[p.code];
  if (own !== undefined) return own;
  if (p.status === 403) return t.forbiddenTodo;
  if (p.status === 404) return t.not_found;
  if (p.status === 409 || p.status === 412) return t.changed;
  if (p.status === 429 || p.status === 503) return t.limited;
  return p.status >= 500 ? t.server : '';
}

// faultAt is what is wrong with the field of a path, for the field itself to say.
export function faultAt(p: ProblemError | undefined, pointer: string, t: (typeof codes)['zh']): string | undefined {
  const found = p?.fields.find(f => f.pointer === pointer);
  return found && (t.fields[found.code] ?? t.field);
}
