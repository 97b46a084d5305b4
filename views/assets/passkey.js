/*
 * Passkeys and security keys. A form that wants one carries
 *   data-webauthn="authenticate" | "register" | "autofill"   and   data-options='<JSON from the server>'
 * with <input type="hidden" name="passkey"> and a submit button; the answer is put into that field and the form sent.
 * `[data-webauthn-message]` in the form shows data-cancelled or data-unsupported. `autofill` forms wait for the
 * browser's own offer in the username field; their button, hidden until we know that the browser can, asks for it.
 */
(() => {
  const { browserSupportsWebAuthn, browserSupportsWebAuthnAutofill, startAuthentication, startRegistration } =
    SimpleWebAuthnBrowser;

  function say(form, what) {
    const place = form.querySelector('[data-webauthn-message]');
    if (place === null) return;
    place.textContent = place.dataset[what] ?? '';
    place.hidden = place.textContent === '';
  }

  function send(form, answer, button) {
    // not form.elements.passkey: that is a list where the button is called so, too
    form.querySelector('input[name=passkey]').value = JSON.stringify(answer);
    form.dataset.answered = 'yes';
    form.requestSubmit(button);
  }

  for (const form of document.querySelectorAll('form[data-webauthn]')) {
    const optionsJSON = JSON.parse(form.dataset.options);
    const start = form.dataset.webauthn === 'register' ? startRegistration : startAuthentication;
    const button = form.querySelector('button[type=submit]');

    if (!browserSupportsWebAuthn()) {
      say(form, 'unsupported');
      continue;
    }
    button.hidden = false;
    form.addEventListener('submit', async (event) => {
      if (form.dataset.answered === 'yes') return;
      if (event.submitter !== null && event.submitter !== button) return; // "later", "use another way"
      event.preventDefault();
      say(form, 'nothing');
      try {
        send(form, await start({ optionsJSON }), button);
      } catch {
        say(form, 'cancelled');
      }
    });

    if (form.dataset.webauthn === 'autofill') {
      browserSupportsWebAuthnAutofill()
        .then((supported) => (supported ? startAuthentication({ optionsJSON, useBrowserAutofill: true }) : undefined))
        .then((answer) => answer !== undefined && send(form, answer, button))
        .catch(() => {}); // taken back by the person, or because the button was used instead
    }
  }
})();
