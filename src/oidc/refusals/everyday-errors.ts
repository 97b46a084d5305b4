/** Answers that silent sign-on, and a person who changes his mind, give all day: no refusal that anybody should look into. */
export const everydayErrors: ReadonlySet<string> = new Set([
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
  'access_denied',
  // of devices that wait, every few seconds
  'authorization_pending',
  'slow_down',
]);
