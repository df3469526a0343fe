import type {Pair} from './texts.ts';

const zh = {
  brand: '品牌', lead: '买家在收银页看到的样子。', name: '名称', nameHelp: '不填则显示平台名称', accent: '主色', accentHelp: '可任选；页面会使用同一色相、清晰可读的颜色', ownAccent: '用自己的主色', notice: '公告', noticeHelp: '显示在收银页顶部', hours: '客服时间', contact: '客服联系方式', contactHelp: '所有买家可见',
  save: '保存', saved: '已保存', logo: '图标', logoHelp: 'PNG 或 WebP，不超过 256 kB，每边不超过 1024 像素', tooBig: '文件超过 256 kB', logoSet: '图标已更新', removeLogo: '移除图标', logoGone: '图标已移除',
  preview: '预览', light: '浅色', dark: '深色', pay: '打开支付宝付款', link: '联系客服', made: (chosen: string, used: string) => chosen === used ? `按钮使用 ${used}` : `按钮使用 ${used}（所选 ${chosen} 上的文字看不清，已调整明暗）`,
};

const en: typeof zh = {
  brand: 'Brand', lead: 'How buyers see you on the checkout page.', name: 'Name', nameHelp: 'Without it, the name of the platform', accent: 'Accent', accentHelp: 'Any colour; pages get one of the same hue that can be read', ownAccent: 'Our own accent', notice: 'Notice', noticeHelp: 'At the top of the checkout page', hours: 'Service hours', contact: 'Contact', contactHelp: 'Every buyer sees it',
  save: 'Save', saved: 'Saved', logo: 'Logo', logoHelp: 'PNG or WebP, at most 256 kB and 1024 pixels a side', tooBig: 'The file has more than 256 kB', logoSet: 'The logo is set', removeLogo: 'Remove the logo', logoGone: 'The logo is gone',
  preview: 'Preview', light: 'Light', dark: 'Dark', pay: 'Pay with Alipay', link: 'Contact', made: (chosen, used) => chosen === used ? `Buttons have ${used}` : `Buttons have ${used}: text could not be read on ${chosen}, so it was made lighter or darker`,
};

export const brand: Pair<typeof zh> = {zh, en};
