/**
 * Stores device codes (RFC 8628) through our port: the code that people type only as an HMAC (rule 4), and one browser at
 * most that answers it.
 */
import Provider, { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { ProtocolRecords } from '../../domain/ports/protocol-records.ts';
import type { RandomBytes } from '../../domain/random.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { randomDeviceCode, readDeviceCode } from '../../domain/tickets/device-code.ts';
import type { Identifiers } from '../records/stored-record.ts';
import { memoryOfRequest } from '../request.ts';

export type DeviceCodeOptions = {
  records: Pick<ProtocolRecords, 'find' | 'insert'>;
  sealer: Pick<Sealer, 'mac' | 'macMatches'>;
  randomBytes: RandomBytes;
  now: () => number;
};

/** A code in use is found in no second try either. */
const TRIES = 5;

/** Finds what a typed code names. */
export function createDeviceCodeIndex({ records, sealer, randomBytes, now }: DeviceCodeOptions) {
  const keyOf = (code: string) => sealer.mac('user-code', code);
  return {
    /** Makes a code that names the device code stored under `device`. `expiresAt`: epoch ms. */
    async make(device: string, expiresAt: number): Promise<string> {
      for (let round = 0; round < TRIES; round += 1) {
        const code = randomDeviceCode(randomBytes);
        const key = keyOf(readDeviceCode(code) ?? code);
        if (await records.insert('UserCode', key, { device }, expiresAt, now())) return code;
      }
      throw new Error('no user code is free');
    },
    /** The storage key of the device code. Undefined: there is none, or it has expired. */
    async deviceOf(typed: string): Promise<string | undefined> {
      const code = readDeviceCode(typed);
      const found = code === undefined ? undefined : await records.find('UserCode', keyOf(code), now());
      return typeof found?.device === 'string' ? found.device : undefined;
    },
    /** Whether another browser than this one answers it. */
    async isTakenElsewhere(device: string, browser: string | undefined): Promise<boolean> {
      const claim = await records.find('DeviceClaim', device, now());
      return claim !== undefined && (browser === undefined || claim.browser !== browser);
    },
    /** @returns whether this browser is the one that may answer it, from now on until it expires */
    async claim(device: string, browser: string | undefined, expiresAt: number): Promise<boolean> {
      if (browser === undefined) return false;
      if (await records.insert('DeviceClaim', device, { browser }, expiresAt, now())) return true;
      return !(await this.isTakenElsewhere(device, browser));
    },
    /** Shows that a code was looked up in this browser within the limits. It is worth nothing in another. */
    proofOf: (typed: string, browser: string): string =>
      sealer.mac('device-confirmation', readDeviceCode(typed) ?? '', browser),
    isProof: (proof: unknown, typed: string, browser: string | undefined): boolean =>
      typeof proof === 'string' &&
      browser !== undefined &&
      sealer.macMatches(proof, 'device-confirmation', readDeviceCode(typed) ?? '', browser),
  };
}
export type DeviceCodeIndex = ReturnType<typeof createDeviceCodeIndex>;

/** The library's adapter for its model `DeviceCode`. `plain`: that of any model. */
export function createDeviceCodeAdapter(
  {
    index,
    identifiers,
    now,
    browser,
  }: { index: DeviceCodeIndex; identifiers: Identifiers; now: () => number; browser: () => string | undefined },
  plain: Adapter,
): Adapter {
  return {
    ...plain,
    async upsert(id, { userCode: _libraryOwn, ...payload }: AdapterPayload, ttlSeconds) {
      const key = identifiers.keyOf(id);
      const expiresAt = now() + (ttlSeconds ?? 0) * 1000;
      const { inFlight, accountId, error } = payload as { inFlight?: boolean; accountId?: string; error?: string };
      const isConfirmed = inFlight === true && accountId === undefined && error === undefined;
      if (isConfirmed && !(await index.claim(key, browser(), expiresAt)))
        throw new errors.InvalidRequest('the code is answered in another browser');
      await plain.upsert(id, payload, ttlSeconds);
      if (Provider.ctx?.oidc?.route !== 'device_authorization') return;
      const memory = memoryOfRequest();
      const code = await index.make(key, expiresAt);
      if (memory !== undefined) memory.userCode = code;
    },
    async findByUserCode(typed) {
      const { body } = (Provider.ctx?.oidc ?? {}) as { body?: { proof?: unknown } };
      // Without the proof, this route would be a place to guess codes.
      if (!index.isProof(body?.proof, typed, browser())) return undefined;
      const device = await index.deviceOf(typed);
      const found = device === undefined ? undefined : await plain.find(identifiers.handleOf(device));
      if (device === undefined || found === undefined || (await index.isTakenElsewhere(device, browser())))
        return undefined;
      // Who confirmed it and came back, by Back or in another tab, may go on.
      const { inFlight: _, ...waiting } = found as AdapterPayload & { inFlight?: boolean };
      return { ...waiting, userCode: typed };
    },
  };
}
