/** Finds and loads the configuration for a command, or reports all its faults at once. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Option } from 'commander';
import { type Config, type Fault, type Loaded, loadConfig } from '../config/load.ts';
import { CommandFault, printable, type Terminal } from './terminal.ts';

/** The file that is read when none is named: it runs as it is. */
export function standardFile({ installation }: Terminal): string {
  return join(installation, 'config', 'pedel.yaml');
}

/** `--config FILE`, for every command that reads the configuration. */
export function configOption(): Option {
  return new Option(
    '-c, --config <file>',
    'configuration file (default: PEDEL_CONFIG, or config/pedel.yaml of the installation)',
  );
}

export function loadFor(
  terminal: Terminal,
  file: string | undefined,
  secret: 'required' | 'optional',
): Loaded & { file: string } {
  const path = file ?? terminal.environment.PEDEL_CONFIG ?? standardFile(terminal);
  const readFile = (name: string) => readFileSync(name, 'utf8');
  return { file: path, ...loadConfig({ file: path, environment: terminal.environment, readFile, secret }) };
}

/** The configuration. @throws CommandFault naming every fault */
export function requireConfig(
  terminal: Terminal,
  file: string | undefined,
  secret: 'required' | 'optional' = 'required',
): Config {
  const { config, faults, warnings, file: path } = loadFor(terminal, file, secret);
  // without a secret the only warning is that it is missing, and these commands do not need it
  for (const warning of secret === 'required' ? warnings : []) terminal.writeError(`pedel: ${printable(warning)}\n`);
  if (config !== undefined) return config;
  throw new CommandFault(`the configuration (${path}) cannot be used:\n\n${faults.map(faultText).join('\n\n')}`);
}

/** The configured storage, for commands that need no secret. @throws CommandFault naming every fault */
export function storageOf(terminal: Terminal, file: string | undefined): string {
  return requireConfig(terminal, file, 'optional').storage;
}

/** The key, where it stands, its value, what is expected and the remedy, one per line. */
export function faultText({ key, where, value, expected, remedy }: Fault): string {
  const lines = [
    `  ${key}   (${where})`,
    value === undefined ? undefined : `    is        ${value}`,
    `    expected  ${expected}`,
    `    remedy    ${remedy}`,
  ];
  return lines
    .filter((line) => line !== undefined)
    .map(printable)
    .join('\n');
}
