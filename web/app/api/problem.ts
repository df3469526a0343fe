// What the server, or the way to it, said no with. Nothing but this is thrown by what calls the API.
export interface Field {pointer: string; code: string; detail: string}

export class ProblemError extends Error {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly fields: readonly Field[];
  readonly requestId: string;
  readonly retryAfter: number | undefined; // seconds

  constructor(of: {code: string; status: number; title?: string; detail?: string; fields?: readonly Field[]; requestId?: string; retryAfter?: number | undefined}) {
    super(of.code);
    this.name = 'ProblemError';
    this.code = of.code;
    this.status = of.status;
    this.title = of.title ?? '';
    this.detail = of.detail ?? '';
    this.fields = of.fields ?? [];
    this.requestId = of.requestId ?? '';
    this.retryAfter = of.retryAfter;
  }
}

export const unreachable = 'unreachable'; // no answer came: it is not known whether the request arrived
export const unreadable = 'unreadable'; // an answer that is not the server's: something stands in between

// problemOf reads an answer that is no success.
export async function problemOf(answer: Response): Promise<ProblemError> {
  const requestId = answer.headers.get('Request-Id') ?? '';
  const wait = Number(answer.headers.get('Retry-After') ?? Number.NaN);
  const retryAfter = Number.isFinite(wait) ? wait : undefined;
  try {
    const told = await answer.json() as {code?: string; title?: string; detail?: string; errors?: Field[]};
    if (typeof told.code === 'string') {
      return new ProblemError({code: told.code, status: answer.status, title: told.title ?? '', detail: told.detail ?? '', fields: told.errors ?? [], requestId, retryAfter});
    }
  } catch {
    // told below
  }
  return new ProblemError({code: unreadable, status: answer.status, requestId, retryAfter});
}

// asProblem is whatever was thrown, as a problem: what is no problem of the API is a fault of ours.
export const asProblem = (thrown: unknown): ProblemError =>
  thrown instanceof ProblemError ? thrown : new ProblemError({code: 'broken', status: 0, detail: thrown instanceof Error ? thrown.message : ''});

// Whether it is certain that a request was not carried out.
export const isRefusal = (p: ProblemError): boolean => p.status >= 400 && p.status < 500 && p.status !== 408 && p.status !== 429 && p.code !== unreadable;

// again tells whether a read may be sent again by itself, and after how many milliseconds.
export function again(times: number, p: ProblemError): number | false {
  const passing = p.status === 429 || p.status === 503 || p.status === 502 || p.status === 504 || p.code === unreachable;
  if (!passing || times >= 3) return false;
  return Math.min((p.retryAfter ?? 2 ** times) * 1000, 30_000);
}
