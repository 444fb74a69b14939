// Words for a shell, read back by a shell.

import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellWord } from './shell-word.ts';

test('what a shell reads is what was meant', () => {
  const words = ['eth0', 'eth0.100', '/run/x y', 'a;$(id)b', 'x`y&z', "it's", '', '-n', '*', '~', 'a"b\\c', '#', 'ä'];
  const script = words.map((w) => `printf '%s\\n' ${shellWord(w)}`).join('\n');
  expect(spawnSync('sh', ['-c', script], { encoding: 'utf8' }).stdout).toBe(words.map((w) => `${w}\n`).join(''));
  expect(shellWord('eth0.100')).toBe('eth0.100');
});
