/** Lets each write share its group with one that is refused, so that its change is rolled back and applied once more. */
import type { Storage } from '../../src/domain/ports/storage.ts';

export function besideRefusals(storage: Storage): Storage {
  const refused = () => storage.attempts.take(null as never, 0, 0).catch(() => {}); // the schema forbids this key
  const watched = (port: object) =>
    Object.fromEntries(
      Object.entries(port).map(([name, method]) => [
        name,
        (...input: unknown[]) => {
          const result = method(...input);
          refused();
          return result;
        },
      ]),
    );
  const ports = Object.entries(storage).map(([name, port]) => [name, typeof port === 'object' ? watched(port) : port]);
  return Object.fromEntries(ports);
}
