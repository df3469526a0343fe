import {keepPreviousData, queryOptions} from '@tanstack/react-query';
import {client, read, type QueryOf, type Schema} from '../client.ts';

export type SplitRule = Schema<'SplitRule'>;

export const listSplitRules = (tenant: string, query: QueryOf<'listSplitRules'>) => queryOptions({
  queryKey: ['listSplitRules', tenant, query],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/split_rules', {params: {query}, signal})),
  placeholderData: keepPreviousData,
});

export const getSplitRule = (tenant: string, split_rule_id: string) => queryOptions({
  queryKey: ['getSplitRule', tenant, split_rule_id],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/split_rules/{split_rule_id}', {params: {path: {split_rule_id}}, signal})),
});

export const createSplitRule = (tenant: string, body: Schema<'SplitRuleCreate'>, key: string) =>
  read(client(tenant).POST('/v1/split_rules', {params: {header: {'Idempotency-Key': key}}, body}));
