/** production.example.yaml with the values changed as its reader would, and a folder in which it is used. */
import { freePort } from '../support/ports.ts';
import { substituted, text } from './documents.ts';
import { openFolder } from './shell.ts';

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

/** A folder with that configuration and a secret, for the commands of a document. `here`: a block of it under our own address. */
export async function openInstallation() {
  const shell = openFolder({ PEDEL_CONFIG: 'pedel.yaml', PEDEL_SECRET: 'a secret of thirty-two characters or more' });
  const { yaml, address } = await ownConfiguration({ mailPort: 1 });
  shell.file('pedel.yaml', yaml);
  const issuer = address.replace('127.0.0.1', 'localhost');
  return { shell, address, issuer, here: (block: string) => substituted(block, { 'https://idp.example.edu': issuer }) };
}
