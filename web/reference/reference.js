// Draws the reference from our own contract. Fonts, telemetry, the request proxy and the assistant would call other hosts: all are off.
Scalar.createApiReference('#reference', {
  url: '/openapi.yaml',
  withDefaultFonts: false,
  telemetry: false,
  proxyUrl: '',
  hideClientButton: true,
  showDeveloperTools: 'never',
  agent: {disabled: true},
  mcp: {disabled: true},
  persistAuth: false,
  defaultHttpClient: {targetKey: 'shell', clientKey: 'curl'},
  authentication: {preferredSecurityScheme: 'apiKey'},
});
