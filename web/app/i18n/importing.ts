import {grouped, plural, type Pair} from './texts.ts';

const zh = {
  title: '导入卡密', lead: '每行一张。粘贴、选择或拖入文本文件，先在本机核对，再上传。', drop: '选择或拖入文件', dropHelp: '.txt 或 .csv，最大 64 MB，每行一张；UTF-8 或 GBK', paste: '或者粘贴', pasteHelp: '每行一张卡密', tooLarge: '文件超过 64 MB，请分成几个文件', notText: '不是文本文件，请另存为 UTF-8 的 .txt 或 .csv',
  reading: '正在核对', read: '核对结果', lines: '行', keys: '卡密', blank: '空行', repeated: '文件内重复', sample: '样例（已隐去前段）', converted: (from: string) => `文件编码为 ${from}，上传时转换为 UTF-8。`, other: '换一个', go: (n: number) => `导入 ${grouped(n)} 张`, nothing: '没有读到卡密', sending: '正在上传',
  running: '正在导入', mayLeave: '可以离开此页，导入会继续；进度也在「任务」中。', rate: (lines: number, seconds: number) => `每秒 ${grouped(lines)} 行，约 ${grouped(seconds)} 秒`, ofAll: (percent: number) => `${percent} %`, cancel: '停止导入', canceled: '已停止，已导入的保留',
  result: '导入结果', ended: {succeeded: '导入完成', failed: '导入失败', canceled: '已停止'} as Record<string, string>, accepted: '新增', duplicates: '重复，已跳过', refused: '无效，未导入', allIn: '全部导入，没有跳过的行。', left: '未导入的行', first: (n: number) => `前 ${grouped(n)} 行，其余在文件中`, line: (n: number) => `第 ${grouped(n)} 行`, save: '下载明细',
  why: {already_in_stock: '库中已有（包括已售出的）', repeated_in_list: '与前面的行重复', max_length: '超过 4,096 字节', format: '不是有效文字'} as Record<string, string>, error: '原因',
  undo: '撤销本批', undoLead: '本次导入中还可售的卡密全部作废，不能恢复；已占用和已发出的不变。', undoReason: '原因', undoUsual: '导入有误，撤销', undone: (n: number, of: number) => n === of ? `已撤销，作废 ${grouped(n)} 张` : `已作废 ${grouped(n)} 张，其余 ${grouped(of - n)} 张已占用、已发出或先前作废`, mixed: '同一时间还有别的导入，不能整次撤销。请在商品页按批次作废。', again: '再导入', back: '回到商品', looking: '正在读取批次',
};

const en: typeof zh = {
  title: 'Import card keys', lead: 'One a line. Paste, choose or drop a text file: it is looked through here before it is sent.', drop: 'Choose or drop a file', dropHelp: '.txt or .csv, 64 MB at most, one a line; UTF-8 or GBK', paste: 'Or paste', pasteHelp: 'One card key a line', tooLarge: 'The file is above 64 MB: split it', notText: 'This is no text file: save it as .txt or .csv in UTF-8',
  reading: 'Looking it through', read: 'What was read', lines: 'Lines', keys: 'Card keys', blank: 'Empty lines', repeated: 'Twice in the file', sample: 'Samples, hidden but for their end', converted: from => `The file is written in ${from}; it is sent as UTF-8.`, other: 'Another one', go: n => `Import ${grouped(n)}`, nothing: 'No card key was read', sending: 'Sending',
  running: 'Importing', mayLeave: 'You may leave this page, it goes on; its progress is in Tasks, too.', rate: (lines, seconds) => `${grouped(lines)} lines a second, about ${plural(seconds, 'second', 'seconds')} left`, ofAll: percent => `${percent} %`, cancel: 'Stop', canceled: 'Stopped; what was imported stays',
  result: 'Result', ended: {succeeded: 'Imported', failed: 'The import failed', canceled: 'Stopped'}, accepted: 'Added', duplicates: 'Twice, left out', refused: 'Not valid, left out', allIn: 'Everything was imported.', left: 'Lines left out', first: n => `The first ${grouped(n)}; the rest is in the file`, line: n => `Line ${grouped(n)}`, save: 'Save the list',
  why: {already_in_stock: 'In stock already, or sold', repeated_in_list: 'Stands earlier in the list', max_length: 'Above 4,096 bytes', format: 'No valid text'}, error: 'Why',
  undo: 'Undo this import', undoLead: 'Every key of this import that is still available becomes void for good. Reserved and delivered keys stay as they are.', undoReason: 'Reason', undoUsual: 'Imported by mistake', undone: (n, of) => n === of ? `Undone: ${grouped(n)} are void` : `${grouped(n)} are void; the other ${grouped(of - n)} are reserved, delivered or were void`, mixed: 'Another import ran at the same time, so this one cannot be undone as a whole. Void its parts on the page of the product.', again: 'Import more', back: 'Back to the product', looking: 'Reading the parts',
};

export const importing: Pair<typeof zh> = {zh, en};
