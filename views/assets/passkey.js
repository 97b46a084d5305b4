/*
 * Passkeys and security keys. A form that asks for one has
 *   data-webauthn="authenticate" | "register" | "autofill"   and   data-options='<JSON from the server>'
 * with <input type="hidden" name="passkey"> and a submit button. The script puts the answer into that field and sends
 * the form. `[data-webauthn-message]` in the form shows data-cancelled or data-unsupported. In an `autofill` form the
 * browser offers passkeys in the username field; the button asks for one, and is hidden if the browser cannot.
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
    // not form.elements.passkey: that is a list if the button has the same name
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
    for (const part of [button, ...form.querySelectorAll('[data-webauthn-or]')]) part.hidden = false;
    form.addEventListener('submit', async (event) => {
      if (form.dataset.answered === 'yes') return;
      if (event.submitter !== null && event.submitter !== button) return; // "later", "use another way"
      event.preventDefault();
      say(form, 'nothing');
      try {
        send(form, await start({ optionsJSON }), button);
      } catch ({ name }) {
        // a browser that does not know related origins, after the issuer moved out of the passkey domain
        say(form, name === 'SecurityError' ? 'unsupported' : 'cancelled');
      }
    });

    if (form.dataset.webauthn === 'autofill') {
      browserSupportsWebAuthnAutofill()
        .then((supported) => (supported ? startAuthentication({ optionsJSON, useBrowserAutofill: true }) : undefined))
        .then((answer) => answer !== undefined && send(form, answer, button))
        .catch(() => {}); // the person cancelled, or used the button instead
    }
  }
})();
