// ping, arping, ifconfig, ethtool and sysctl against the real ones: each line of NAME.txt is run, and what it says and
// returns is compared with NAME.out, what the tools of Debian 12 said on Linux 6.18. UPDATE=1 asks this machine again, as
// root, in a sandbox of its own; DUMP=folder writes down what the model says. Times are left out; a line that begins with ! is run in both and shows nothing.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createModel } from '../../src/lab/model.ts';
import { Session } from '../../src/shell/session.ts';

const folder = import.meta.dirname;
const names = readdirSync(folder).filter((file) => file.endsWith('.txt'));
names.sort((a, b) => (a < b ? -1 : 1));
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');

/** The set-up, then every line with its answer. */
function script(name: string): string {
  let out = `${read('setup.sh')}\n`;
  for (const line of read(name).split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('!')) out += `${line.slice(1)}\n`;
    else out += `echo '$ ${line.replaceAll("'", "'\\''")}'\n${line}\necho rc=$?\n`;
  }
  return out;
}

/** What differs from run to run. */
function settle(text: string): string {
  return text
    .replace(/time=[\d.]+ ms/g, 'time=T ms')
    .replace(/(min\/avg\/(?:max\/mdev|ewma\/max)) = [\d./]+ ms/g, '$1 = T ms')
    .replace(/ipg\/ewma [\d./]+ ms/g, 'ipg/ewma T ms')
    .replace(/, time \d+ms/g, ', time Tms')
    .replace(/ ident=\d+/g, ' ident=N')
    .replace(/\[\d{10}\.\d{6}\]/g, '[T]')
    .replace(/ {2}[\d.]+ms$/gm, '  Tms')
    .replace(/ (installed|used|firstused) \d+ sec/g, '')
    .replace(/\b8[0-9a-f]{3}(?=:|0000\])/g, inOrder());
}

/** Handles that a kernel gives to qdiscs itself count up over all that it ever made. */
function inOrder(): (handle: string) => string {
  const seen = new Map<string, string>();
  return (handle) => {
    if (!seen.has(handle)) seen.set(handle, `80${String(seen.size + 1).padStart(2, '0')}`);
    return seen.get(handle) as string;
  };
}

function askLinux(name: string): string {
  const sandbox =
    'mount --make-rprivate / && mkdir -p /run/netns && mount -t tmpfs none /run/netns && exec bash --norc -c "$1" 2>&1';
  const words = [
    '--net',
    '--mount',
    '--pid',
    '--fork',
    '--mount-proc',
    '--kill-child',
    'sh',
    '-c',
    sandbox,
    'sh',
    script(name),
  ];
  const env = { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8' };
  return settle(spawnSync('unshare', words, { encoding: 'utf8', env, input: '', timeout: 100_000 }).stdout);
}

async function askModel(name: string): Promise<string> {
  const model = createModel({ seed: 1 });
  let out = '';
  const terminal = { isTty: false, columns: 80, write: (_: 'out' | 'err', text: string) => void (out += text) };
  const session = new Session({ kernel: model, terminal, name: 'golden.sh' });
  await session.run(script(name));
  model.close();
  expect(model.kernel.skbs.leaked().length).toBe(0);
  return settle(out);
}

/** One piece per line that was run. */
const pieces = (text: string): string[] => text.split(/^(?=\$ )/m);

for (const name of names) {
  const file = name.replace(/\.txt$/, '.out');
  test(name, async () => {
    // Debian's kernel was asked in QEMU, since this machine's may lack what it has.
    if (process.env['UPDATE'] && !name.includes('debian')) writeFileSync(join(folder, file), askLinux(name));
    const answer = await askModel(name);
    if (process.env['DUMP']) writeFileSync(join(process.env['DUMP'], file), answer);
    expect(pieces(answer)).toEqual(pieces(read(file)));
  });
}
