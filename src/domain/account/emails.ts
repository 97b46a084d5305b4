/** The emails that Pedel sends, and what each is told. What they say: mail/content.ts and the files that it puts together; the sentences: locales. */
import type { Language } from './languages.ts';

/** The account's number, or its address where it has none; '' or absent: neither. */
type Numbered = { number?: string };

/** The affiliation that decides an end, as lifecycle/explain.ts tells it. */
type Why = { organisation?: string; role?: string; how?: string; day?: string };

/** Template -> the data of its sentences, beside the secret that the comment names; which have `notMe` too: not-me-links.ts. */
export type EmailData = {
  /** secret: link */
  invitation: Numbered & { organisation: string };
  /** secret: code, link */
  'activation-code': Numbered;
  /** somebody asked to activate an account that is active */
  'already-active': Numbered;
  /** secret: link */
  reset: Numbered;
  /** secret: code */
  'factor-code': Numbered;
  /** secret: code; for a slow recovery of the second step */
  'recovery-code': Numbered;
  /** secret: link, which stops it; a slow recovery was begun, goes on, or its wait is over. It expires when the next part begins */
  'recovery-started': Numbered;
  'recovery-reminder': Numbered;
  'recovery-open': Numbered;
  /** `because`: a StopReason of factors/slow-recovery.ts */
  'recovery-stopped': Numbered & { because: string };
  'password-changed': Numbered;
  /** `factor`: the name that its owner gave it */
  'factor-added': Numbered & { factor: string };
  'factor-removed': Numbered & { factor: string };
  /** `left`: how many */
  'recovery-code-used': Numbered & { left: string };
  'recovery-codes-renewed': Numbered;
  /** strangers tried so many passwords that unknown browsers are refused for a while */
  'password-guessed': Numbered;
  /** secret: link; somebody signed in with a browser that the account has not seen; '': it does not say */
  'new-browser': Numbered & { name: string; system: string; network: string };
  /** secret: link; the right password was typed in a new browser, and the sign-in was not finished; `happened`: epoch ms */
  'stopped-halfway': Numbered & { name: string; system: string; network: string; happened: string };
  /** the person said that something was done by somebody else; `factors`: names of second steps that were removed, or '' */
  'account-secured': Numbered & { factors: string };
  /** to the service desk: the same */
  'desk-account-disowned': Numbered;
  /** rule 3: somebody else knows the password */
  'password-known': Numbered;
  /** the counter of a passkey went back: there may be a copy of it; `factor`: its name */
  'passkey-copied': Numbered & { factor: string };
  /** `oldAddress`: '' where there was none. Secret, in the one to the old address: link */
  'address-changed': Numbered & { oldAddress: string; newAddress: string };
  /** the change to `gone` was taken back; `back`: the address of before, '' where there was none */
  'address-undone': Numbered & { gone: string; back: string };
  /** somebody in a session of the person took a copy of all data */
  'data-downloaded': Numbered;
  /** a feed gave an address of the institution to an active account; `heldUntil`: a day (`YYYY-MM-DD`) */
  'institution-address': Numbered & { newAddress: string; heldUntil: string; organisation?: string };
  /** a feed gave a personal address to an active account */
  'address-proposed': Numbered & { newAddress: string; organisation?: string };
  /** a feed gave the password of a person who was never active */
  'activated-by-feed': Numbered & { organisation: string };
  /** emails to `address`, the other one of this person, are refused for good */
  'address-refused': Numbered & { address: string };
  /** somebody was made an owner of Pedel, or is one no more; `owner`: the name, as pages show it */
  'owner-added': Numbered & { owner: string };
  'owner-removed': Numbered & { owner: string };
  /** secret: link */
  'address-confirm': Numbered;
  /** to a contact of an application; `secret`: its name, or ''; days as `YYYY-MM-DD`, `used` '' where no use is known */
  'secret-ends': { application: string; client: string; secret: string; day: string; used: string };
  /** to whoever looks after another system: nothing is sent to it any more; `because`: `gone` or `gave-up` */
  'webhook-disabled': { address: string; because: string };
  /** to owners and people administrators: the safeguard holds a source of SCIM; `most`: how many may lose access in a day */
  'scim-held': { source: string; most: string };
  /** the service desk did something; `act`: `pass`, `resend`, `correct-address` or `end-sessions` */
  'desk-acted': Numbered & { act: string };
  /** `lastDay`: until which day (`YYYY-MM-DD`), or '' */
  'account-suspended': Numbered & { lastDay: string };
  /** it is no longer suspended; `newPassword`: `due`, or '' */
  'account-open-again': Numbered & { newPassword: string };
  /** two accounts of the person are one: `gone` is part of the one called `number`; `undoUntil`: a day (`YYYY-MM-DD`) */
  'accounts-merged': Numbered & { gone: string; undoUntil: string };
  /** to the account that goes on: what belonged to `other` was taken out of it */
  'account-parted': Numbered & { other: string };
  /** a merge was undone: the account is one of its own again, and no longer part of `other` */
  'account-back': Numbered & { other: string };
  /** days as `YYYY-MM-DD`; why, where an affiliation decides it (lifecycle/end-letters.ts) */
  'account-ends': Numbered & { lastDay: string } & Why;
  /** `opens`: the day on which it opens again */
  'account-ended': Numbered & { lastDay: string; opens?: string } & Why;
  /** what is stored of the person is erased on `day` */
  'account-erased-soon': Numbered & { day: string };
  /** a feed says first that somebody stopped before the time; `lastDay`: of the account, or '' where no end is known */
  'registration-stopped': Numbered & { lastDay: string } & Why;
};
export type EmailTemplate = keyof EmailData;

/** What a feed or a night sends to thousands at once. */
const TO_MANY: ReadonlySet<string> = new Set<EmailTemplate>([
  'invitation',
  'activated-by-feed',
  'institution-address',
  'address-proposed',
  'registration-stopped',
  'account-ends',
  'account-ended',
  'account-erased-soon',
]);

/** Whether somebody waits for such an email, or should know at once. It goes before those that are sent to many. */
export const isUrgent = (template: EmailTemplate): boolean => !TO_MANY.has(template);

/** One email as it is stored until it is sent; `emailTo` makes it, and holds `data` to its template. */
export type Email = {
  template: EmailTemplate;
  to: string;
  language: Language;
  /** the organisation whose name and contacts it carries */
  organisation: string;
  givenName: string;
  data: Record<string, string>;
  /** JSON `{ link?, code?, notMe? }`, sealed for owner `account.id`, field `letter` (rule 25) */
  sealedSecret?: string;
  /** epoch milliseconds until when what it holds is of use; the email is not sent afterwards */
  expiresAt?: number;
};
