/** production.example.yaml with the values changed as its reader would. */
import { freePort } from '../support/ports.ts';
import { substituted, text } from './documents.ts';

/** @param issuer where people reach it; without one, where it listens */
export async function ownConfiguration({ issuer, mailPort }: { issuer?: string; mailPort: number }) {
  const listen = `127.0.0.1:${await freePort()}`;
  const address = `http://localhost:${listen.slice(listen.indexOf(':') + 1)}`;
  const yaml = substituted(text('config/production.example.yaml'), {
    'https://idp.example.edu': issuer ?? address,
    '127.0.0.1:3000': listen,
    'sqlite:/var/lib/pedel/pedel.db': 'sqlite:pedel.db',
    'smtps://mail.example.edu:465': `smtp://127.0.0.1:${mailPort}`,
    '127.0.0.1:9464': `127.0.0.1:${await freePort()}`,
  });
  return { yaml, listen, address: `http://${listen}` };
}
