// What a case says, in the reader's language, made of its facts. A case of before there were facts has an English sentence.
import type {Schema} from '../../../api/client.ts';
import {yuan} from '../../../domain/money.ts';
import type {cases} from '../../../i18n/cases.ts';

type Facts = Schema<'CaseFacts'>;
type Texts = (typeof cases)['zh'];

const money = (fen: number | undefined) => fen === undefined ? '' : yuan(fen);

export function said(t: Texts, f: Facts | undefined): string | undefined {
  if (f === undefined) return undefined;
  const tell = t.said[f.cause] as ((told: Parameters<Texts['said'][Facts['cause']]>[0]) => string) | undefined; // a newer server may know a cause more
  return tell?.({
    expected: money(f.expected_fen), found: money(f.found_fen), returned: money(f.returned_fen), trade: f.trade_no ?? '', number: f.number ?? '', state: f.state ?? '',
    field: t.fields[f.field ?? ''] ?? f.field ?? '', subject: f.subject_id ?? '', other: f.other_id ?? '', smid: f.smid ?? '', words: f.said ?? '',
  });
}
