/** The process that judges new passwords. It alone loads the word lists. */
import { constants } from 'node:os';
import { judgePassword } from '../domain/passwords/judge-password.ts';
import type { JudgedFor } from '../domain/passwords/password.ts';
import { answerMessages } from './answer.ts';

export type Work = { password: string; context: JudgedFor };

answerMessages(constants.priority.PRIORITY_BELOW_NORMAL, ({ password, context }: Work) =>
  judgePassword(password, context),
);
