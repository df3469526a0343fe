import {keepPreviousData, queryOptions} from '@tanstack/react-query';
import {client, read, see, unchanged, type QueryOf, type Schema, type Seen} from '../client.ts';

export type SplitRule = Schema<'SplitRule'>;
export type RuleVersion = Schema<'SplitRuleVersion'>;
export type PartRule = Schema<'SplitPartRule'>;
export type Simulated = Schema<'SplitSimulation'> & {parts: PartRule[]};

export const listSplitRules = (tenant: string, query: QueryOf<'listSplitRules'>) => queryOptions({
  queryKey: ['listSplitRules', tenant, query],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/split_rules', {params: {query}, signal})),
  placeholderData: keepPreviousData,
});

export const getSplitRule = (tenant: string, split_rule_id: string) => queryOptions({
  queryKey: ['getSplitRule', tenant, split_rule_id],
  queryFn: ({signal}) => see(client(tenant).GET('/v1/split_rules/{split_rule_id}', {params: {path: {split_rule_id}}, signal})),
});

export const listSplitRuleVersions = (tenant: string, split_rule_id: string) => queryOptions({
  queryKey: ['listSplitRuleVersions', tenant, split_rule_id],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/split_rules/{split_rule_id}/versions', {params: {path: {split_rule_id}, query: {limit: 100}}, signal})),
});

const minute = 60_000;

// simulateSplitRule computes and writes nothing. The answer has the parts that it is of: while others are computed, the one before stays.
export const simulateSplitRule = (tenant: string, body: Schema<'SplitSimulate'>) => queryOptions({
  queryKey: ['simulateSplitRule', tenant, body],
  queryFn: async ({signal}): Promise<Simulated> => ({...await read(client(tenant).POST('/v1/split_simulations', {body, signal})), parts: body.parts}),
  placeholderData: keepPreviousData, staleTime: minute,
});

const keyed = (key: string) => ({'Idempotency-Key': key}), of = (split_rule_id: string) => ({path: {split_rule_id}});

export const createSplitRule = (tenant: string, body: Schema<'SplitRuleCreate'>, key: string) =>
  read(client(tenant).POST('/v1/split_rules', {params: {header: keyed(key)}, body}));

export const publishSplitRuleVersion = (tenant: string, rule: Seen<SplitRule>, parts: PartRule[], key: string) =>
  read(client(tenant).POST('/v1/split_rules/{split_rule_id}/versions', {params: {...of(rule.id), header: {...keyed(key), ...unchanged(rule)}}, body: {parts}}));

export const archiveSplitRule = (tenant: string, id: string, key: string) =>
  read(client(tenant).POST('/v1/split_rules/{split_rule_id}/archive', {params: {...of(id), header: keyed(key)}}));

export const unarchiveSplitRule = (tenant: string, id: string, key: string) =>
  read(client(tenant).POST('/v1/split_rules/{split_rule_id}/unarchive', {params: {...of(id), header: keyed(key)}}));
