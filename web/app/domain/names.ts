// The names of merchants, where an answer has their identifiers only.
import {useQuery} from '@tanstack/react-query';
import {manyMerchants, type Merchant} from '../api/queries/merchants.ts';
import {useSession} from '../api/session.ts';

export function useMerchants(): {all: readonly Merchant[]; nameOf: (id: string) => string} {
  const {tenant, can} = useSession(), {data} = useQuery({...manyMerchants(tenant), enabled: can('listMerchants')});
  return {all: data?.data ?? [], nameOf: id => data?.data.find(m => m.id === id)?.name ?? '…' + id.slice(-8)};
}
