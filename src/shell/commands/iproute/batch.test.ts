import { expect, test } from 'vitest';
import type { Proc } from '../../process.ts';
import { runBatch } from './batch.ts';
import { ToolError } from './errors.ts';

/** Runs a batch; `fail` fails as a refusal does, `exit` as a bad word does. */
async function play(text: string, force: boolean): Promise<{ code: number; ran: string[]; err: string }> {
  const ran: string[] = [];
  let err = '';
  const proc = { stdin: text, err: (t: string) => void (err += t) } as unknown as Proc;
  const code = await runBatch({ proc, opts: { force } }, '-', async (words) => {
    ran.push(words.join('|'));
    if (words[0] === 'fail') throw new ToolError('refused\n', 2);
    if (words[0] === 'exit') throw new ToolError('bad word\n', 255);
    return 0;
  });
  return { code, ran, err };
}

test('comments, quotes, continued lines and empty ones', async () => {
  const { code, ran } = await play('# no\n\na "b c" \'d\' # e\nf \\\n g\n', false);
  expect([code, ran]).toEqual([0, ['a|b c|d', 'f|g']]);
});

test('the first refusal ends it; with -force it goes on and still fails', async () => {
  expect(await play('a\nfail\nb\n', false)).toEqual({
    code: 1,
    ran: ['a', 'fail'],
    err: 'refused\nCommand failed -:2\n',
  });
  expect(await play('a\nfail\nb\n', true)).toEqual({
    code: 1,
    ran: ['a', 'fail', 'b'],
    err: 'refused\nCommand failed -:2\n',
  });
});

test('a bad word ends it whatever was said, as exit() does', async () => {
  expect(await play('exit\nb\n', true)).toEqual({ code: 255, ran: ['exit'], err: 'bad word\n' });
});
