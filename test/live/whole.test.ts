// Whole scripts in the model against this machine's kernel: every line that they print. Where there is no live kernel the
// model is compared with what one printed when this was recorded (NAME.out). RECORD=1 writes the records anew.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runScript } from '../../src/index.ts';
import { whyNot } from './sandbox.ts';
import { AT_ONCE, NO_PROXIES, WAITS } from './waits.ts';

const reason = whyNot();
const at = (name: string): string => `${process.cwd()}/test/live/${name}`;

/** Our command of that name. */
const FRAME = `frame() { python3 -c 'import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind((sys.argv[1], 0))
s.send(bytes.fromhex(sys.argv[2]))' "$@"; }`;

/** A busy machine lets timers run out that should not: asked so often before it counts. */
const ATTEMPTS = 3;

/** How long a ping took is the machine's business. */
function timeless(text: string): string {
  return text.replace(/^rtt .*$/gm, 'rtt').replace(/(, time|time=)[ 0-9.]+ ?ms/g, '$1');
}

function live(script: string): string {
  const ready =
    'mount --make-rprivate / && mkdir -p /run/netns && mount -t tmpfs none /run/netns && mount -t sysfs sys /sys && cd "$(mktemp -d)"';
  const args = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child', 'bash', '-c'];
  return execFileSync(
    'unshare',
    [...args, `${ready} && {\n${FRAME}${WAITS}${NO_PROXIES}${script}${NO_PROXIES}\n} 2>&1; true`],
    {
      encoding: 'utf8',
    },
  );
}

describe.each([
  'rules',
  'rules6',
  'netconf',
  'queues',
  'prefix',
  'link-words',
  'inet-words',
  'learned',
  'modes',
  'stacked',
  'counted',
  'watched',
  'arping',
  'igmp',
  'bridge-promisc',
  'words',
])('%s', (name) => {
  const script = readFileSync(at(`${name}.sh`), 'utf8');

  test('the model prints what was recorded', async () => {
    const { stdout } = await runScript(`{\n${AT_ONCE}${script}\n} 2>&1`);
    if (process.env.RECORD === undefined) expect(timeless(stdout)).toBe(readFileSync(at(`${name}.out`), 'utf8'));
  });

  const also = `and this kernel prints it too${reason === null ? '' : ` (skipped: ${reason})`}`;
  test.skipIf(reason !== null)(also, { timeout: 300_000 }, () => {
    if (process.env.RECORD !== undefined) writeFileSync(at(`${name}.out`), timeless(live(script)));
    const recorded = readFileSync(at(`${name}.out`), 'utf8');
    let printed = '';
    for (let i = 0; i < ATTEMPTS && printed !== recorded; i++) printed = timeless(live(script));
    expect(printed).toBe(recorded);
  });
});
