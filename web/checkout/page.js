// Follows the order: server-sent events first, a question every two seconds when those fail or stay silent. A change fetches the page again and swaps its
// <main>.
(() => {
  'use strict';
  const main = () => document.getElementById('main');
  let events = null, poll = 0, silence = 0, tick = 0, skew = 0, busy = false;

  function stop() {
    if (events) events.close();
    events = null;
    clearInterval(poll);
    clearTimeout(silence);
    clearInterval(tick);
  }

  async function refresh() {
    if (busy) return;
    busy = true;
    try {
      const answer = await fetch(location.href, {headers: {Accept: 'text/html'}, cache: 'no-store'});
      if (!answer.ok) throw new Error(answer.status);
      const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
      stop();
      main().replaceWith(document.adoptNode(next.getElementById('main')));
      document.title = next.title;
      start();
      window.scrollTo({top: 0});
    } catch {
      setTimeout(() => { busy = false; refresh(); }, 2000);
      return;
    }
    busy = false;
  }

  function heard(status) {
    if (status && status !== main().dataset.status) refresh();
  }

  async function ask() {
    try {
      const answer = await fetch(main().dataset.live + '/status', {cache: 'no-store'});
      if (answer.ok) heard((await answer.json()).status);
    } catch { /* offline: the next question will tell */ }
  }

  function follow() {
    if (!main().dataset.live) return;
    const fall = () => { if (!poll) poll = setInterval(ask, 2000); };
    poll = 0;
    if (!window.EventSource) return fall();
    events = new EventSource(main().dataset.live + '/events');
    // The first event comes at once. A proxy that keeps the stream to itself neither opens it nor fails.
    silence = setTimeout(fall, 4000);
    events.addEventListener('status', e => {
      clearTimeout(silence);
      clearInterval(poll);
      poll = 0;
      heard(e.data);
    });
    events.onerror = fall;
  }

  function countdown() {
    const left = document.getElementById('left');
    const {expires, now} = main().dataset;
    if (!left || !expires) return;
    skew = Number(now) - Date.now();
    const show = () => {
      const s = Math.max(0, Math.round((Number(expires) - Date.now() - skew) / 1000));
      const two = n => String(Math.floor(n)).padStart(2, '0');
      left.textContent = (s < 3600 ? '' : Math.floor(s / 3600) + ':') + two(s % 3600 / 60) + ':' + two(s % 60);
      document.getElementById('clock').classList.toggle('late', s < 60);
      if (s === 0) { clearInterval(tick); setTimeout(refresh, 1500); }
    };
    show();
    tick = setInterval(show, 1000);
  }

  async function copy(text, button) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement('textarea');
      area.value = text;
      area.className = 'off';
      document.body.append(area);
      area.select();
      // A text area has its own line breaks, so the text is handed over as it is.
      document.addEventListener('copy', e => { e.clipboardData.setData('text/plain', text); e.preventDefault(); }, {once: true});
      const ok = document.execCommand('copy');
      area.remove();
      if (!ok) return;
    }
    const was = button.textContent;
    button.textContent = main().dataset.copied;
    button.classList.add('done');
    setTimeout(() => { button.textContent = was; button.classList.remove('done'); }, 1600);
  }

  function buttons() {
    const codes = [...document.querySelectorAll('li:not(.void) > code')].map(c => c.textContent);
    document.querySelectorAll('[data-copy], [data-copy-all]').forEach(b => {
      b.hidden = false;
      b.onclick = () => copy(b.hasAttribute('data-copy') ? b.previousElementSibling.textContent : codes.join('\n'), b);
    });
  }

  function start() {
    follow();
    countdown();
    buttons();
  }
  document.addEventListener('visibilitychange', () => { if (!document.hidden && main().dataset.live) ask(); });
  start();
})();
