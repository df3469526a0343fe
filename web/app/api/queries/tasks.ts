import {keepPreviousData, queryOptions} from '@tanstack/react-query';
import {client, content, download, read, type QueryOf, type Schema} from '../client.ts';

export type Task = Schema<'Task'>;

export const listTasks = (tenant: string, query: QueryOf<'listTasks'>) => queryOptions({
  queryKey: ['listTasks', tenant, query],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/tasks', {params: {query}, signal})),
  placeholderData: keepPreviousData,
});

export const getTask = (tenant: string, task_id: string) => queryOptions({
  queryKey: ['getTask', tenant, task_id],
  queryFn: ({signal}) => read(client(tenant).GET('/v1/tasks/{task_id}', {params: {path: {task_id}}, signal})),
});

export const cancelTask = (tenant: string, task_id: string, key: string) =>
  read(client(tenant).POST('/v1/tasks/{task_id}/cancel', {params: {path: {task_id}, header: {'Idempotency-Key': key}}}));

export const createExport = (tenant: string, body: Schema<'ExportCreate'>, key: string) =>
  read(client(tenant).POST('/v1/exports', {params: {header: {'Idempotency-Key': key}}, body}));

// createFile sends the content as it is.
export const createFile = (tenant: string, name: string, content: Blob, key: string) =>
  read(client(tenant).POST('/v1/files', {
    params: {query: {name, content_type: 'text/plain'}, header: {'Idempotency-Key': key}}, headers: {'Content-Type': 'application/octet-stream'}, body: content as unknown as string, bodySerializer: body => body,
  }));

// readFile is the text of a file that a task has made.
export const readFile = (tenant: string, file_id: string) => queryOptions({
  queryKey: ['downloadFile', tenant, file_id],
  queryFn: () => content(tenant, `/v1/files/${file_id}/download`),
  staleTime: Infinity,
});

// saveFile keeps a file under the name that it has.
export async function saveFile(tenant: string, file_id: string): Promise<void> {
  const file = await read(client(tenant).GET('/v1/files/{file_id}', {params: {path: {file_id}}}));
  await download(tenant, `/v1/files/${file_id}/download`, file.name);
}
