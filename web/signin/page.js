// Comforts only: every page works without this.
(() => {
  'use strict';
  for (const b of document.querySelectorAll('[data-show]')) {
    const input = document.getElementById(b.dataset.show), show = b.textContent;
    b.hidden = false;
    b.addEventListener('click', () => {
      const on = input.type === 'password';
      input.type = on ? 'text' : 'password';
      b.textContent = on ? b.dataset.hideText : show;
      b.setAttribute('aria-pressed', String(on));
      input.focus();
    });
  }
  for (const b of document.querySelectorAll('[data-copy]')) {
    if (!navigator.clipboard) continue;
    b.hidden = false;
    const was = b.textContent;
    b.addEventListener('click', async () => {
      const from = [...document.querySelectorAll(b.dataset.copy)].map(e => e.textContent).join('\n');
      try { await navigator.clipboard.writeText(from); } catch { return; }
      b.textContent = b.dataset.copied;
      setTimeout(() => { b.textContent = was; }, 1600);
    });
  }
  for (const b of document.querySelectorAll('[data-print]')) {
    b.hidden = false;
    b.addEventListener('click', () => print());
  }
  // A form is sent once, however often its button is pressed.
  addEventListener('submit', e => {
    if (e.target.dataset.sent) { e.preventDefault(); return; }
    e.target.dataset.sent = '1';
    e.submitter?.setAttribute('aria-busy', 'true');
  });
  addEventListener('pageshow', () => {
    for (const f of document.forms) { delete f.dataset.sent; f.querySelector('[aria-busy]')?.removeAttribute('aria-busy'); }
  });
})();
