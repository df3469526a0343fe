// Who is signed in, what they are to the platform of the address, and what they may do there. The server decides; this only leaves out what it would refuse.
import {queryOptions} from '@tanstack/react-query';
import {createContext, use} from 'react';
import {client, met, read, type Operation, type Schema} from './client.ts';

export type Membership = Schema<'Membership'>;
export type Person = Schema<'Person'>;

export interface Session {
  person: Person;
  memberships: readonly Membership[];
  membership: Membership;
  tenant: string;
  can: (operation: Operation) => boolean;
}

// getSession without a platform tells who it is and of what they are a member.
export const getSession = (tenant = '') => queryOptions({
  queryKey: ['getSession', tenant],
  queryFn: async ({signal}) => {
    const session = await read(client(tenant).GET('/v1/session', {signal}));
    met();
    return session;
  },
  staleTime: 60_000,
});

export function sessionOf(told: Schema<'CurrentSession'>): Session | undefined {
  const {membership, operations = []} = told;
  if (membership === undefined) return undefined;
  const may = new Set<string>(operations);
  return {person: told.person, memberships: told.memberships, membership, tenant: membership.tenant_id, can: operation => may.has(operation)};
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = use(SessionContext);
  if (session === undefined) throw new Error('a page outside the frame');
  return session;
}

// Role of the platform itself; a merchant's people have pages of their own.
export const isOperator = (m: Membership): boolean => m.merchant_id === undefined;

// useMerchant is the merchant that somebody belongs to; empty for who works for the platform.
export const useMerchant = (): string => useSession().membership.merchant_id ?? '';

// leave ends the session in this browser and at the server.
export async function leave(): Promise<void> {
  await client().DELETE('/v1/session');
  sessionStorage.clear();
  location.replace('/sign-in?said=out');
}

// prove shows again who it is.
export const prove = (by: Schema<'ElevationCreate'>) => read(client().POST('/v1/session/elevation', {body: by}));

// proveByPasskey asks the device; it throws what the browser throws when nobody was known.
export async function proveByPasskey(): Promise<void> {
  const [{startAuthentication}, {options, ticket}] = await Promise.all([import('@simplewebauthn/browser'), read(client().POST('/v1/session/elevation/options'))]);
  const credential = await startAuthentication({optionsJSON: options as unknown as Parameters<typeof startAuthentication>[0]['optionsJSON']});
  await prove({passkey: {ticket, credential: JSON.stringify(credential)}});
}

export const listFactors = () => queryOptions({
  queryKey: ['listFactors'],
  queryFn: ({signal}) => read(client().GET('/v1/person/factors', {signal})),
});

export const updateLanguage = (language: Schema<'Language'>) => read(client().PATCH('/v1/person', {body: {language}}));

// whoIsHere is who is signed in now, asked without a dialog; undefined when nobody is.
export async function whoIsHere(): Promise<string | undefined> {
  try {
    const answer = await fetch('/v1/session');
    return answer.ok ? (await answer.json() as Schema<'CurrentSession'>).person.id : undefined;
  } catch {
    return undefined;
  }
}

const channel = 'zhitong-session';

// A window in which somebody has signed in tells the pages that wait for it.
export function tellSignedIn(): void {
  const c = new BroadcastChannel(channel);
  c.postMessage('signed in');
  c.close();
}

export function onSignedIn(hear: () => void): () => void {
  const c = new BroadcastChannel(channel);
  c.addEventListener('message', hear);
  return () => c.close();
}
