// Improvements for browsers that run scripts. Every page works without them.
for (const box of document.querySelectorAll('[data-reveal]')) {
  const input = box.querySelector('input');
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'reveal';
  button.setAttribute('aria-controls', input.id);
  const show = (shown) => {
    input.type = shown ? 'text' : 'password';
    button.textContent = shown ? box.dataset.hide : box.dataset.show;
    button.setAttribute('aria-pressed', String(shown));
  };
  button.addEventListener('click', () => {
    show(input.type === 'password');
    input.focus();
  });
  input.form?.addEventListener('submit', () => show(false)); // or the browser would offer it as autofill text
  show(false);
  box.append(button);
}

// After a refused form: reload and back load the page instead of sending the form again.
const canonical = document.querySelector('link[rel=canonical]');
if (canonical !== null) history.replaceState(null, '', canonical.href);

// Sends a form once: a second press before the answer would find the code already used.
for (const form of document.querySelectorAll('form[method=post]')) {
  let sentAt = -Infinity;
  form.addEventListener('submit', (event) => {
    if (event.defaultPrevented) return; // not sent yet: passkey.js asks for a passkey first
    if (event.timeStamp - sentAt < 5000) event.preventDefault();
    else sentAt = event.timeStamp;
  });
  window.addEventListener('pageshow', () => {
    sentAt = -Infinity;
  });
}

// Submits a code on its last digit, but only once: after a refusal the person submits it.
for (const input of document.querySelectorAll('input[data-length]')) {
  let sent = document.getElementById('error') !== null;
  input.addEventListener('input', () => {
    const digits = input.value.replace(/[\s-]/g, '');
    if (sent || digits.length !== Number(input.dataset.length) || !/^\d+$/.test(digits)) return;
    sent = true;
    input.form.requestSubmit(input.form.querySelector('button[name=action]'));
  });
}

for (const button of document.querySelectorAll('button[data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    button.textContent = button.dataset.copied;
  });
}

// Parts of a page that fill themselves: asked again while the page is seen, until they say that they are complete.
for (const part of document.querySelectorAll('[data-refresh]')) {
  let left = 200;
  const again = async () => {
    if (!document.hidden) {
      left -= 1;
      const answer = await fetch(part.dataset.refresh, { redirect: 'manual' }).catch(() => undefined);
      if (answer !== undefined && !answer.ok) return; // signed out meanwhile
      const page = answer && new DOMParser().parseFromString(await answer.text(), 'text/html');
      const next = page?.getElementById(part.id);
      if (next && next.innerHTML !== part.innerHTML) part.innerHTML = next.innerHTML;
      if (next && next.dataset.refresh === undefined) {
        if (part.dataset.then === 'reload') location.reload();
        return;
      }
    }
    if (left > 0) setTimeout(again, 3000);
  };
  setTimeout(again, 3000);
}

for (const button of document.querySelectorAll('button[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => window.print());
}

// A page that only hands its form on. The button has no name, so that it adds nothing to what the application gets.
document.querySelector('form[data-send]')?.requestSubmit();
