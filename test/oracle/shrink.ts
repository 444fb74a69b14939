// Makes a failing lab small: leaves out halves of its operations, then quarters, down to single ones, as long as it still
// fails. What it asks is whether a lab fails, not how: a smaller lab that fails differently is just as welcome.

import type { Lab } from './lab.ts';

export async function shrink(lab: Lab, fails: (lab: Lab) => Promise<boolean>, maxTries = 150): Promise<Lab> {
  let best = lab;
  let tries = 0;
  for (let size = Math.ceil(best.ops.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    // From the end: what came last is rarely what the rest needs.
    for (let to = best.ops.length; to > 0 && tries < maxTries; to -= size) {
      const from = Math.max(0, to - size);
      const ops = [...best.ops.slice(0, from), ...best.ops.slice(to)];
      const smaller = { ...best, ops };
      tries++;
      if (ops.length > 0 && (await fails(smaller))) best = smaller;
    }
  }
  return best;
}
