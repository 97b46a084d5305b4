/** Webhooks, written by compare-and-set. */
import type { Webhook, Webhooks } from '../../domain/ports/webhooks.ts';
import { appendEntry } from './audit-log.ts';
import type { Database } from './group-commit.ts';

type Row = { webhook: string };

export function createWebhooks({ read, write }: Database): Webhooks {
  return {
    find: async (id) => {
      const row = await read((sql) => sql.get<Row>('SELECT webhook FROM webhooks WHERE id = ?', id));
      return row && webhookOf(row);
    },

    list: async (after = '', limit) => {
      const rows = await read((sql) =>
        sql.all<Row>('SELECT webhook FROM webhooks WHERE id > ? ORDER BY id LIMIT +?', after, limit),
      );
      return rows.map(webhookOf);
    },

    put: (webhook, expectedRevision, entry) => {
      const { id, revision, webhook: text } = columnsOf(webhook);
      return write((sql) => {
        const changed =
          expectedRevision === 0
            ? sql.run(
                'INSERT INTO webhooks (id, revision, webhook) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
                id,
                revision,
                text,
              )
            : sql.run(
                'UPDATE webhooks SET revision = ?, webhook = ? WHERE id = ? AND revision = ?',
                revision,
                text,
                id,
                expectedRevision,
              );
        if (changed === 1) appendEntry(sql, entry);
        return changed === 1;
      });
    },

    remove: (id, revision, entry) =>
      write((sql) => {
        if (sql.run('DELETE FROM webhooks WHERE id = ? AND revision = ?', id, revision) === 0) return false;
        appendEntry(sql, entry);
        return true;
      }),
  };
}

export function columnsOf(webhook: Webhook) {
  return { id: webhook.id, revision: webhook.revision, webhook: JSON.stringify(webhook) };
}

export function webhookOf({ webhook }: Row): Webhook {
  return JSON.parse(webhook);
}
