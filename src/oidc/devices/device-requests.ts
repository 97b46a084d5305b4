/** What waits under the code that a device shows, for the page on which its person compares and goes on (RFC 8628, 3.3). */
import type Koa from 'koa';
import type { Client } from 'oidc-provider';
import type { Localized } from '../../domain/account/languages.ts';
import { DEVICE_GRANT } from '../../domain/clients/metadata/members/protocol.ts';
import type { ClientLogo } from '../../domain/ports/clients.ts';
import type { ProtocolRecords } from '../../domain/ports/protocol-records.ts';
import { readDeviceCode, shownDeviceCode } from '../../domain/tickets/device-code.ts';
import { clientNameOf, isFirstParty } from '../clients/client-metadata.ts';
import type { Browsers } from '../sign-in/browser.ts';
import type { DeviceCodeIndex } from './device-codes.ts';

/** Where the request of a device came from: what the person can compare with the device in front of them. */
export type DeviceOrigin = {
  address?: string;
  /** What it calls itself (its User-Agent), cut. */
  agent?: string;
};

export type DeviceRequest = {
  /** As the device shows it. */
  code: string;
  /** To be sent with the confirmation. */
  proof: string;
  client: { id: string; name: Localized; logo?: ClientLogo; firstParty: boolean };
  from: DeviceOrigin;
  /** Epoch ms. */
  askedAt: number;
};

export type Devices = {
  /**
   * Undefined: nothing waits under this code, or not any more, or another browser answers it; which of them, nobody is
   * told. It counts no tries.
   */
  find(ctx: Koa.Context, typed: string): Promise<DeviceRequest | undefined>;
};

/** `findClient`: undefined if the protocol would refuse it. */
export function createDevices(options: {
  records: Pick<ProtocolRecords, 'find'>;
  index: DeviceCodeIndex;
  browsers: Browsers;
  findClient: (id: string) => Promise<Client | undefined>;
  logoOf: (clientId: string) => Promise<ClientLogo | undefined>;
  now: () => number;
}): Devices {
  const { records, index, browsers, now } = options;
  return {
    async find(ctx, typed) {
      const device = await index.deviceOf(typed);
      const record = device === undefined ? undefined : await records.find('DeviceCode', device, now());
      if (device === undefined || record === undefined) return undefined;
      if (record.accountId !== undefined || record.error !== undefined) return undefined;
      const browser = browsers.greet(ctx);
      if (await index.isTakenElsewhere(device, browser)) return undefined;
      const client = await options.findClient(String(record.clientId));
      // its registration may have changed since the device asked: it would get nothing after all
      if (client === undefined || !client.grantTypeAllowed(DEVICE_GRANT)) return undefined;
      const logo = await options.logoOf(client.clientId);
      const { deviceInfo = {}, iat } = record as { deviceInfo?: DeviceOrigin; iat?: number };
      return {
        code: shownDeviceCode(readDeviceCode(typed) ?? ''),
        proof: index.proofOf(typed, browser),
        client: {
          id: client.clientId,
          name: clientNameOf(client),
          firstParty: isFirstParty(client),
          ...(logo === undefined ? {} : { logo }),
        },
        from: deviceInfo,
        askedAt: (iat ?? 0) * 1000,
      };
    },
  };
}

const LONGEST_AGENT = 120;

/** What is stored of where the request of a device came from. `address`: as limits count it. */
export function originOfDevice(agent: string, address: string | undefined): DeviceOrigin {
  const told = agent.replace(/\p{C}/gu, '').trim().slice(0, LONGEST_AGENT);
  return { ...(address === undefined ? {} : { address }), ...(told === '' ? {} : { agent: told }) };
}
