// Scalar makes its styles as it goes. The page's policy takes only style sheets that carry the nonce of this answer: they all get it when a script makes
// them, and markup that got in from elsewhere does not. A style attribute written as text counts as inline, the same set as a property does not.
(() => {
  'use strict';
  const nonce = document.head.querySelector('meta[property=csp-nonce]').content;
  const make = document.createElement;
  document.createElement = function createElement(name, options) {
    const element = make.call(document, name, options);
    if (String(name).toLowerCase() === 'style') element.nonce = nonce;
    return element;
  };
  const set = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function setAttribute(name, value) {
    if (String(name).toLowerCase() === 'style' && this.style) this.style.cssText = value;
    else set.call(this, name, value);
  };
  // The one piece of markup that comes with a style: an example, which says how wide its line numbers are.
  const html = Object.getOwnPropertyDescriptor(Element.prototype, 'innerHTML');
  const example = /^(<pre[^>]*>)?(<code class="hljs[^>]*?) style="(--line-count: \d+; --line-digits: \d+;)"/;
  Object.defineProperty(Element.prototype, 'innerHTML', {
    ...html,
    set(value) {
      const found = example.exec(value);
      html.set.call(this, found ? String(value).replace(example, '$1$2') : value);
      if (found) this.querySelector('code').style.cssText = found[3];
    },
  });
})();
