// dmesg over the model kernel's log: its forms, what it clears, and following.

import { expect, test } from 'vitest';
import { createModel } from '../../../lab/model.ts';
import { LOG_CRIT } from '../../../net/log.ts';
import { Session } from '../../session.ts';

async function run(script: string): Promise<string> {
  const model = createModel({ seed: 1 });
  const { kernel } = model;
  let out = '';
  const terminal = { isTty: false, columns: 80, write: (_: 'out' | 'err', text: string) => void (out += text) };
  const session = new Session({ kernel: model, terminal, name: 'dmesg.sh' });
  const later = (ns: number, text: string, level: number): void => {
    kernel.loop.at(ns, () => kernel.log.write(text, level), kernel, 0);
  };
  later(2_500_000_000, 'eth0: renamed from x', 6);
  later(62_000_000_000, 'Virtual device m0 asks to queue packet!', LOG_CRIT);
  await session.run(script);
  model.close();
  return out;
}

test('the forms of a line', async () => {
  expect(await run('sleep 63; dmesg')).toBe(
    '[    2.500000] eth0: renamed from x\n[   62.000000] Virtual device m0 asks to queue packet!\n',
  );
  expect(await run('sleep 63; dmesg -T | head -1; dmesg -t | tail -1; dmesg -x -l crit; dmesg -r | head -1')).toBe(
    '[Thu Jan  1 00:00:02 2026] eth0: renamed from x\nVirtual device m0 asks to queue packet!\n' +
      'kern  :crit  : [   62.000000] Virtual device m0 asks to queue packet!\n<6>[    2.500000] eth0: renamed from x\n',
  );
});

test('clearing, following, and what is refused', async () => {
  expect(await run('sleep 63; dmesg -C; dmesg; echo none')).toBe('none\n');
  expect(await run('timeout 63 dmesg -W')).toBe(
    '[    2.500000] eth0: renamed from x\n[   62.000000] Virtual device m0 asks to queue packet!\n',
  );
  expect(await run('dmesg -Z; echo $?; dmesg -l loud; echo $?; dmesg foo >/dev/null 2>&1; echo $?')).toBe(
    "dmesg: invalid option -- 'Z'\nTry 'dmesg --help' for more information.\n1\ndmesg: unknown level 'loud'\n1\n1\n",
  );
});
