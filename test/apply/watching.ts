// A program that asks to watch a descriptor which cannot be watched, again and again, and then one that can. Callbacks are
// scarce (koffi has 8192), so what a failure left behind would show. watching.test.ts runs it: a worker thread watches otherwise.

import { closeSync, openSync } from 'node:fs';
import { watchReadable } from '../../src/linux/readable.ts';

const file = openSync(process.argv[1], 'r');
const said = new Set<string>();
for (let i = 0; i < 20_000; i++) {
  try {
    watchReadable(file, () => {});
  } catch (error) {
    said.add((error as Error).message);
  }
}
closeSync(file);
const stop = watchReadable(0, () => {
  stop();
  process.stdout.write(`${[...said].join('; ')}; readable\n`);
});
