// npm run fuzz -- --kind frames|netlink|scripts --runs N --seed S
// The long form: labs of one seed after another until N frames, requests or command lines have been thrown at them. Every
// thousand or so a line says how far it got; a failure prints its seed, with which it comes again (--runs 1 --seed S).
// Exit code: 1 usage, 2 something fell over or a rule was broken.

import { parseArgs } from 'node:util';
import { frameRound } from './frames.ts';
import { netlinkRound } from './netlink.ts';
import { scriptRound } from './scripts.ts';
import { named } from './zoo.ts';

/** One seed's worth; how many runs it was. */
const kinds: Record<string, (seed: number) => Promise<number>> = {
  frames: frameRound,
  netlink: netlinkRound,
  // Traffic costs a hundred times what the lines do, so one lab in eight has it.
  scripts: async (seed) => {
    const shape = seed % 8 === 0 ? { lines: 40, traffic: true } : { lines: 200, traffic: false };
    await scriptRound(seed, shape);
    return shape.lines;
  },
};

const { values } = parseArgs({
  options: {
    kind: { type: 'string' },
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string' },
    'keep-going': { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  const round = kinds[values.kind ?? ''];
  const runs = Number(values.runs);
  const first = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed);
  if (round === undefined || !Number.isSafeInteger(runs) || !Number.isSafeInteger(first)) {
    console.error('usage: npm run fuzz -- --kind frames|netlink|scripts [--runs N] [--seed S] [--keep-going]');
    return 1;
  }
  console.log(`fuzz --kind ${values.kind} --runs ${runs} --seed ${first}`);
  let done = 0;
  let failures = 0;
  for (let seed = first; done < runs; seed++) {
    try {
      await named(seed, async () => {
        done += await round(seed);
      });
    } catch (error) {
      failures++;
      console.error(`fuzz --kind ${values.kind} --runs 1 --seed ${seed}\n${(error as Error).stack}`);
      if (!values['keep-going']) break;
      done += 1;
    }
    if ((seed - first) % 25 === 24) console.log(`${done} of ${runs}, last seed ${seed}, ${failures} failed`);
  }
  console.log(`${done} ${values.kind}, ${failures} failed`);
  return failures === 0 ? 0 : 2;
}

process.exitCode = await main();
