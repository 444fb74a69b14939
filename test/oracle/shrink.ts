// Makes a failing lab small: leaves out what comes after the failure, then halves of the rest, then quarters, down to
// single operations and single frames, as long as it still fails. What it asks is whether a lab fails, not how: a smaller
// lab that fails differently is just as welcome.

import type { Lab, Op } from './lab.ts';

/** `at`: the operation at which it failed; -1: at the end. */
export async function shrink(
  lab: Lab,
  at: number,
  fails: (lab: Lab) => Promise<boolean>,
  maxTries = 200,
  seconds = 60,
): Promise<Lab> {
  let tries = 0;
  const end = process.hrtime.bigint() + BigInt(seconds) * 1_000_000_000n;
  let best = lab;
  const attempt = async (ops: Op[], spaces = best.spaces): Promise<boolean> => {
    const smaller = { ...best, ops, spaces };
    if (ops.length === 0 || tries++ >= maxTries || process.hrtime.bigint() > end || !(await fails(smaller)))
      return false;
    best = smaller;
    return true;
  };
  if (at >= 0 && at < lab.ops.length - 1) await attempt(lab.ops.slice(0, at + 1));
  // Until nothing more can go: what one operation needed may have gone after it was looked at.
  for (let before = -1; before !== best.ops.length; ) {
    before = best.ops.length;
    for (let size = Math.ceil(before / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      // From the end: what came last is rarely what the rest needs.
      for (let to = best.ops.length; to > 0; to -= size) {
        await attempt([...best.ops.slice(0, Math.max(0, to - size)), ...best.ops.slice(to)]);
      }
    }
  }
  for (let i = 0; i < best.ops.length; i++) {
    const op = best.ops[i];
    if (op.do !== 'send' || op.frames.length === 1) continue;
    for (const frame of op.frames) {
      if (await attempt(best.ops.with(i, { ...op, frames: [frame] }))) break;
    }
  }
  const mentioned = new Set(best.ops.flatMap((op) => Object.values(op)));
  await attempt(
    best.ops,
    best.spaces.filter((name, i) => i === 0 || mentioned.has(name)),
  );
  return best;
}
