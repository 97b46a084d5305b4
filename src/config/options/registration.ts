/** Whether applications may register themselves (RFC 7591), and what becomes of those that did. */
import { z } from 'zod';
import { option } from './option.ts';

export const dynamicRegistration = z
  .strictObject({
    enabled: option(z.boolean().default(false), {
      purpose:
        'Whether applications may register themselves (RFC 7591, 7592) with a token of `pedel registration tokens add`',
      expected: 'true or false',
      example: 'true',
    }),
    approval: option(z.enum(['required', 'by-token']).default('required'), {
      purpose:
        'Whether an application that registered itself waits for `pedel clients approve`: each, or all but those whose token was made with --no-approval',
      expected: 'required or by-token',
      example: 'required',
    }),
    pendingDays: option(z.int().min(1).max(366).default(30), {
      purpose: 'Days after which an application that registered itself and that nobody approved is deleted',
      expected: 'a whole number of days, 1 to 366',
      example: '30',
    }),
  })
  .prefault({});
