/** `/admin/keys`: the signing keys, what each does and until when, and the next rotation by hand. */
import type { SigningKeyRecord } from '../../domain/ports/signing-keys.ts';
import { may } from '../../domain/roles/permissions.ts';
import { type KeyState, NOT_YET, publishedKeys, stateOf } from '../../domain/signing-keys/signing-key-schedule.ts';
import type { Badge } from '../../http/console-heading.ts';
import { HttpError } from '../../http/http-error.ts';
import { rotateKeys } from '../../use-cases/signing-keys/rotate-keys.ts';
import type { Web } from '../web.ts';
import type { ConsoleFrame, ConsoleHandler } from './frame.ts';

const tones: Record<KeyState, Badge['tone']> = {
  signing: 'good',
  next: 'note',
  made: 'note',
  retired: 'neutral',
  gone: 'neutral',
};

export function createKeys(web: Web, frame: ConsoleFrame) {
  const { ports, pages, now, randomBytes, sealer, operation } = web;

  const show: ConsoleHandler = async (ctx, administrator) => {
    frame.require(administrator, 'keys:read', undefined);
    const t = pages.t(ctx);
    const keys = await ports.signingKeys.list();
    const at = now();
    const published = publishedKeys(keys, at);
    const inOrder = [...published, ...keys.filter((key) => !published.includes(key))];
    const time = (value: number | undefined) => (value === undefined || value === NOT_YET ? undefined : value);
    const rowOf = (key: SigningKeyRecord) => {
      const state = stateOf(key, keys, at);
      return {
        kid: key.kid,
        alg: key.alg,
        state: { tone: tones[state], label: t(`operation.key_${state}`) },
        from: time(key.usedFrom),
        until: time(key.usedUntil),
        leaves: time(key.removedAt),
      };
    };
    await pages.render(
      ctx,
      'console/keys',
      {
        rows: inOrder.map(rowOf),
        mayRotate: may(administrator.actor, 'keys:write', undefined) === 'yes',
        rotateDays: Math.round(operation.keySchedule.rotateMs / 86_400_000),
        aheadHours: Math.round(operation.keySchedule.publishAheadMs / 3_600_000),
        done: frame.done(ctx, { rotated: 'operation.keys_rotated' }),
      },
      frame.page(ctx, administrator, {
        room: 'keys',
        title: t('operation.keys_title'),
        lead: t('operation.keys_lead'),
      }),
    );
  };

  const rotate: ConsoleHandler = async (ctx, administrator) => {
    frame.require(administrator, 'keys:write', undefined);
    if (!(await frame.recent(ctx, administrator, pages.t(ctx)('operation.keys_rotate')))) return;
    const deps = { storage: ports, sealer, schedule: operation.keySchedule, now, randomBytes };
    const rotated = await rotateKeys(administrator.actor, deps);
    if (rotated.kind !== 'rotated') throw new HttpError(403, 'not-allowed');
    ctx.redirect('/admin/keys?done=rotated');
    ctx.status = 303;
  };

  return { show, rotate };
}
