/** `pedel storage`: moves, backs up, restores, checks and upgrades all stored data. */
import { Command } from 'commander';
import { backupCommand, restoreCommand } from './storage-backup.ts';
import { checkCommand } from './storage-check.ts';
import { copyCommand } from './storage-copy.ts';
import { statusCommand, upgradeCommand } from './storage-status.ts';
import type { Setting } from './terminal.ts';

export function storageCommand(setting: Setting): Command {
  return new Command('storage')
    .addCommand(statusCommand(setting))
    .addCommand(checkCommand(setting))
    .addCommand(backupCommand(setting))
    .addCommand(restoreCommand(setting))
    .addCommand(copyCommand(setting))
    .addCommand(upgradeCommand(setting));
}
