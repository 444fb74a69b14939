// Broken invariants. An assertion stops the run: it is about us, never about a frame or a request.

export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Stops the run when an invariant does not hold. Stays on in every build. */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) fail(what);
}

function fail(what: string): never {
  throw new AssertionError(`lowerdev broke its own rule: ${what}`);
}
