import {keepPreviousData, queryOptions} from '@tanstack/react-query';
import {client, read, see, unchanged, type QueryOf, type Schema, type Seen} from '../client.ts';

export type NoticeRoute = Schema<'NoticeRoute'>;
export type Notice = Schema<'Notice'>;
export type NoticeTemplate = Schema<'NoticeTemplate'>;

const keyed = (key: string) => ({'Idempotency-Key': key});
const of = (notice_route_id: string) => ({path: {notice_route_id}});

export const listNoticeRoutes = (tenant: string, query: QueryOf<'listNoticeRoutes'>) => queryOptions({
  queryKey: ['listNoticeRoutes', tenant, query],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/notice_routes', {params: {query}, signal})),
  placeholderData: keepPreviousData,
});

export const getNoticeRoute = (tenant: string, notice_route_id: string) => queryOptions({
  queryKey: ['getNoticeRoute', tenant, notice_route_id],
  queryFn: ({signal}) => see(client(tenant).GET('/v1/notice_routes/{notice_route_id}', {params: of(notice_route_id), signal})),
});

export const createNoticeRoute = (tenant: string, body: Schema<'NoticeRouteCreate'>, key: string) =>
  read(client(tenant).POST('/v1/notice_routes', {params: {header: keyed(key)}, body}));

export const updateNoticeRoute = (tenant: string, route: Seen<NoticeRoute>, body: Schema<'NoticeRouteUpdate'>) =>
  read(client(tenant).PATCH('/v1/notice_routes/{notice_route_id}', {params: {...of(route.id), header: unchanged(route)}, body}));

export const deleteNoticeRoute = async (tenant: string, route: Seen<NoticeRoute>): Promise<void> => {
  await client(tenant).DELETE('/v1/notice_routes/{notice_route_id}', {params: {...of(route.id), header: unchanged(route)}});
};

export const testNoticeRoute = (tenant: string, notice_route_id: string, key: string) =>
  read(client(tenant).POST('/v1/notice_routes/{notice_route_id}/test', {params: {...of(notice_route_id), header: keyed(key)}}));

export const listNotices = (tenant: string, query: QueryOf<'listNotices'>) => queryOptions({
  queryKey: ['listNotices', tenant, query],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/notices', {params: {query}, signal})),
  placeholderData: keepPreviousData,
});

export const listNoticeTemplates = (tenant: string) => queryOptions({
  queryKey: ['listNoticeTemplates', tenant],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/notice_templates', {signal})),
});

const text = ({event_type, language}: Pick<NoticeTemplate, 'event_type' | 'language'>) => ({path: {event_type, language}});

export const putNoticeTemplate = (tenant: string, template: Pick<NoticeTemplate, 'event_type' | 'language'>, body: Schema<'NoticeTemplateText'>) =>
  read(client(tenant).PUT('/v1/notice_templates/{event_type}/{language}', {params: text(template), body}));

export const deleteNoticeTemplate = async (tenant: string, template: Pick<NoticeTemplate, 'event_type' | 'language'>): Promise<void> => {
  await client(tenant).DELETE('/v1/notice_templates/{event_type}/{language}', {params: text(template)});
};

// previewNoticeTemplate writes nothing: the same text is the same query.
export const previewNoticeTemplate = (tenant: string, template: Pick<NoticeTemplate, 'event_type' | 'language'>, body: Schema<'NoticeTemplateText'>) => queryOptions({
  queryKey: ['previewNoticeTemplate', tenant, template.event_type, template.language, body],
  queryFn: ({signal}) => read(client(tenant).POST('/v1/notice_templates/{event_type}/{language}/preview', {params: text(template), body, signal})),
  placeholderData: keepPreviousData, retry: false,
});
