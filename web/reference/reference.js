// Draws the reference from our own contract. Fonts, telemetry, the request proxy and the assistant would call other hosts: all are off.
const reference = document.getElementById('reference');
const chinese = reference.dataset.lang === 'zh';
Scalar.createApiReference('#reference', {
  url: `/openapi.yaml?lang=${reference.dataset.lang}`,
  theme: 'none',
  localization: {
    locale: chinese ? 'zh-CN' : 'en',
    // The box chooses the language of the samples; libraries of ours do not stand behind it.
    translations: {clientLibraries: {heading: chinese ? '示例语言' : 'Language of the samples'}},
  },
  hiddenClients: ['c', 'r', 'clojure', 'csharp', 'dart', 'fsharp', 'julia', 'kotlin', 'objc', 'ocaml', 'powershell', 'ruby', 'rust', 'swift', 'http'],
  hideDarkModeToggle: true,
  forceDarkModeState: matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light',
  withDefaultFonts: false,
  telemetry: false,
  proxyUrl: '',
  hideClientButton: true,
  showDeveloperTools: 'never',
  agent: {disabled: true},
  mcp: {disabled: true},
  persistAuth: false,
  defaultHttpClient: {targetKey: 'shell', clientKey: 'curl'},
  authentication: {preferredSecurityScheme: 'bearer'},
});
