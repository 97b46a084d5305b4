/**
 * Runs calls about the same thing one after another within this process, so that they do not lose races to each other. This
 * only saves work: correctness depends on the database, to which other nodes write as well.
 */
export function createTurns(): <T>(name: string, call: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (name, call) => {
    const turn = (last.get(name) ?? Promise.resolve()).then(call, call);
    last.set(name, turn);
    const forget = () => {
      if (last.get(name) === turn) last.delete(name);
    };
    turn.then(forget, forget);
    return turn;
  };
}
