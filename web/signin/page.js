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
  // Passkeys: a form with the device's answer in it.
  const bytes = s => Uint8Array.from(atob(s.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0));
  const text = b => b ? btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '') : undefined;
  let waiting;
  async function ask(form, conditional) {
    waiting?.abort();
    waiting = new AbortController();
    const signal = waiting.signal, answer = await fetch(form.dataset.options, {method: 'POST', signal});
    if (!answer.ok || answer.redirected) throw new Error('no options');
    const {options: o, ticket} = await answer.json();
    o.challenge = bytes(o.challenge);
    if (o.user) o.user.id = bytes(o.user.id);
    for (const k of [...(o.allowCredentials ?? []), ...(o.excludeCredentials ?? [])]) k.id = bytes(k.id);
    const c = await navigator.credentials[form.dataset.passkey]({publicKey: o, signal, ...(conditional && {mediation: 'conditional'})});
    const r = c.response, response = {clientDataJSON: text(r.clientDataJSON), attestationObject: text(r.attestationObject), authenticatorData: r.signature && text(r.authenticatorData), signature: text(r.signature), userHandle: text(r.userHandle), transports: r.getTransports?.()};
    form.elements.ticket.value = ticket;
    form.elements.credential.value = JSON.stringify({id: c.id, rawId: text(c.rawId), type: c.type, response, clientExtensionResults: {}});
    form.submit();
  }
  for (const form of window.PublicKeyCredential ? document.querySelectorAll('[data-passkey]') : []) {
    if (form.dataset.origin !== location.origin) continue;
    form.closest('.keyed').hidden = false;
    const button = form.querySelector('button'), failed = form.querySelector('[data-failed]');
    form.addEventListener('submit', async e => {
      e.preventDefault();
      e.stopPropagation();
      failed.hidden = true;
      button.setAttribute('aria-busy', 'true');
      try { await ask(form); } catch { failed.hidden = false; }
      button.removeAttribute('aria-busy');
    });
    // The browser offers passkeys in the field of the address; what it is asked is renewed before it is over.
    if ('offer' in form.dataset) (async () => {
      if (!await PublicKeyCredential.isConditionalMediationAvailable?.()) return;
      const offer = () => ask(form, true).catch(() => {});
      offer();
      setInterval(offer, 4 * 60 * 1000);
    })();
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
