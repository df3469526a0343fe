import {keepPreviousData, queryOptions} from '@tanstack/react-query';
import {client, read, see, unchanged, type QueryOf, type Schema, type Seen} from '../client.ts';

export type Merchant = Schema<'Merchant'>;
export type Application = Schema<'Application'>;
export type MerchantOverview = Schema<'MerchantOverview'>;
export type MerchantSplit = Schema<'MerchantSplit'>;

export const listMerchants = (tenant: string, query: QueryOf<'listMerchants'>) => queryOptions({
  queryKey: ['listMerchants', tenant, query],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/merchants', {params: {query}, signal})),
  placeholderData: keepPreviousData,
});

// manyMerchants are those that a form lets choose from, and the names of a list.
export const manyMerchants = (tenant: string) => listMerchants(tenant, {limit: 100});

export const getMerchant = (tenant: string, merchant_id: string) => queryOptions({
  queryKey: ['getMerchant', tenant, merchant_id],
  queryFn: ({signal}) => see(client(tenant).GET('/v1/merchants/{merchant_id}', {params: {path: {merchant_id}}, signal})),
});

export const getMerchantOverview = (tenant: string, merchant_id: string) => queryOptions({
  queryKey: ['getMerchantOverview', tenant, merchant_id],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/merchants/{merchant_id}/overview', {params: {path: {merchant_id}}, signal})),
});

export const listMerchantApplications = (tenant: string, merchant_id: string) => queryOptions({
  queryKey: ['listMerchantApplications', tenant, merchant_id],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/merchants/{merchant_id}/applications', {params: {path: {merchant_id}, query: {limit: 20}}, signal})),
});

export const listMerchantSplits = (tenant: string, merchant_id: string, query: QueryOf<'listMerchantSplits'> = {limit: 10}) => queryOptions({
  queryKey: ['listMerchantSplits', tenant, merchant_id, query],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/merchants/{merchant_id}/splits', {params: {path: {merchant_id}, query}, signal})),
  placeholderData: keepPreviousData,
});

export const getApplication = (tenant: string, application_id: string) => queryOptions({
  queryKey: ['getApplication', tenant, application_id],
  queryFn: ({signal}) => see(client(tenant).GET('/v1/applications/{application_id}', {params: {path: {application_id}}, signal})),
});

const keyed = (key: string) => ({'Idempotency-Key': key});

export const createMerchant = (tenant: string, body: Schema<'MerchantCreate'>, key: string) =>
  read(client(tenant).POST('/v1/merchants', {params: {header: keyed(key)}, body}));

export const updateMerchant = (tenant: string, merchant: Seen<Merchant>, body: Schema<'MerchantUpdate'>) =>
  read(client(tenant).PATCH('/v1/merchants/{merchant_id}', {params: {path: {merchant_id: merchant.id}, header: unchanged(merchant)}, body}));

export const suspendMerchant = (tenant: string, merchant_id: string, key: string) =>
  read(client(tenant).POST('/v1/merchants/{merchant_id}/suspend', {params: {path: {merchant_id}, header: keyed(key)}}));

export const reactivateMerchant = (tenant: string, merchant_id: string, key: string) =>
  read(client(tenant).POST('/v1/merchants/{merchant_id}/reactivate', {params: {path: {merchant_id}, header: keyed(key)}}));

export const createApplication = (tenant: string, merchant_id: string, form: Schema<'ApplicationForm'>, key: string) =>
  read(client(tenant).POST('/v1/merchants/{merchant_id}/applications', {params: {path: {merchant_id}, header: keyed(key)}, body: form}));

export const putApplicationImage = async (tenant: string, application_id: string, purpose: Schema<'ImagePurpose'>, image: Blob): Promise<void> => {
  await client(tenant).PUT('/v1/applications/{application_id}/images/{purpose}', {params: {path: {application_id, purpose}}, headers: {'Content-Type': image.type}, body: image as unknown as string, bodySerializer: body => body});
};

export const submitApplication = (tenant: string, application_id: string, key: string) =>
  read(client(tenant).POST('/v1/applications/{application_id}/submit', {params: {path: {application_id}, header: keyed(key)}}));

export const deleteApplication = async (tenant: string, application: Seen<Application>): Promise<void> => {
  await client(tenant).DELETE('/v1/applications/{application_id}', {params: {path: {application_id: application.id}, header: unchanged(application)}});
};

export type ImagePurpose = Schema<'ImagePurpose'>;

// getApplicationImage is written into the audit log each time: it is asked for by a hand, and kept nowhere.
export const getApplicationImage = (tenant: string, application_id: string, purpose: ImagePurpose): Promise<Blob> =>
  read(client(tenant).GET('/v1/applications/{application_id}/images/{purpose}', {params: {path: {application_id, purpose}}, parseAs: 'blob'}));
