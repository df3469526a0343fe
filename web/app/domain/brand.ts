// The checkout page's own colours, as web/checkout/page.css has them: what an accent is shown on before it is saved.
export const own = '#1657d9';

export const grounds = {
  light: {page: '#f3f5f8', card: '#ffffff', ink: '#14181f'},
  dark: {page: '#0f1319', card: '#181d25', ink: '#eef1f6'},
} as const;
