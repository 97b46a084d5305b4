/**
 * Notes something beside a request, its context or another object that lives no longer than a request. A `WeakMap` would do,
 * but for one thing: V8 takes what an old map holds for alive until the next full collection of garbage. What is noted of a
 * request leads back to it, so all of each request would be copied twice, and kept for seconds (docs/performance.md).
 */
export type Beside<Value> = {
  get(of: object): Value | undefined;
  set(of: object, value: Value | undefined): void;
};

/** `what`: for whoever looks at such an object in a debugger. */
export function beside<Value>(what: string): Beside<Value> {
  const key = Symbol(what);
  type Noted = { [key]?: Value | undefined };
  return {
    get: (of) => (of as Noted)[key],
    set(of, value) {
      (of as Noted)[key] = value;
    },
  };
}
