// The browser build in a browser: every example prints in a page what it prints in Node, byte for byte, and nothing that
// the page loads comes from anywhere but our own server. Skipped without a Chromium or a build.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dumpDom, findChromium } from './chromium.ts';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
const bundle = join(root, 'dist/browser/index.js');
const chromium = findChromium();

interface Case {
  name: string;
  script: string;
  options: { seed: number; machine?: string; variables?: Record<string, string> };
}

interface Result {
  exitCode: number;
  stdout: string;
  stderr: string;
  endNs: number;
  failure: string | null;
}

function cases(): Case[] {
  const out: Case[] = [];
  for (const name of readdirSync(join(root, 'examples')).sort()) {
    const dir = join(root, 'examples', name);
    if (!existsSync(join(dir, 'lab.sh'))) continue;
    const script = readFileSync(join(dir, 'lab.sh'), 'utf8');
    const file = join(dir, 'machine.yaml');
    const machine = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    const runs: Record<string, string>[] = name === 'back-to-back' ? [{}, { MODE: 'vepa' }, { MODE: 'bridge' }] : [{}];
    for (const variables of runs) {
      out.push({
        name: [name, ...Object.values(variables)].join(' '),
        script,
        options: { seed: 1, machine, variables },
      });
    }
  }
  const tools = `printf 'b 2\\na 1\\n' | sort | awk '{print $2}' | sed 's/1/x/'; echo '[{"a":1}]' | jq -c '.[0].a'; date; echo $RANDOM
ip -j link | jq -r '.[].ifname'; nosuch; tcpdump -ni lo -c 2 & sleep 0.1; ping -c 1 127.0.0.1; wait`;
  out.push({ name: 'text tools, another seed', script: tools, options: { seed: 7 } });
  out.push({ name: 'a syntax error', script: 'echo a\nfi\n', options: { seed: 1 } });
  out.push({ name: 'an endless loop', script: 'while :; do :; done', options: { seed: 1 } });
  return out;
}

const page = `<!doctype html><meta charset="utf-8"><title>lowerdev</title><pre id="result"></pre><script type="module">
const result = document.getElementById('result');
try {
  const { runScript } = await import('/index.js');
  const out = [];
  for (const { script, options } of await (await fetch('/cases.json')).json()) out.push(await runScript(script, options));
  // Not as text: the document would be dumped with its characters escaped.
  const bytes = new TextEncoder().encode(JSON.stringify(out));
  result.textContent = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
} catch (error) {
  result.textContent = 'failed: ' + error;
}
</script>`;

function serve(all: readonly Case[], asked: string[]): Promise<Server> {
  const files = new Map([
    ['/', { type: 'text/html', body: page }],
    ['/index.js', { type: 'text/javascript', body: readFileSync(bundle, 'utf8') }],
    ['/cases.json', { type: 'application/json', body: JSON.stringify(all) }],
  ]);
  const server = createServer((request, response) => {
    const url = request.url ?? '';
    asked.push(url);
    const file = files.get(url);
    response.writeHead(file === undefined ? 404 : 200, { 'content-type': file?.type ?? 'text/plain' });
    response.end(file?.body ?? '');
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

const missing =
  chromium === null
    ? 'there is no Chromium: apt-get install chromium'
    : existsSync(bundle)
      ? null
      : 'there is no dist/browser: npm run build';

describe.skipIf(missing !== null)(`in Chromium${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  const all = cases();
  const asked: string[] = [];
  let results: Result[] = [];
  let server: Server | null = null;

  beforeAll(async () => {
    server = await serve(all, asked);
    const { port } = server.address() as AddressInfo;
    const html = await dumpDom(chromium as string, `http://127.0.0.1:${port}/`, 60_000);
    const text = /<pre id="result">([^<]*)<\/pre>/.exec(html)?.[1] ?? `no result in ${html.slice(0, 2000)}`;
    if (!/^[0-9a-f]+$/.test(text)) throw new Error(text === '' ? 'the page did not finish' : text);
    results = JSON.parse(Buffer.from(text, 'hex').toString('utf8')) as Result[];
  }, 120_000);

  afterAll(() => {
    server?.close();
  });

  test.each(all.map((one, i) => [one.name, i] as const))('%s', async (_name, i) => {
    const { runScript } = (await import(pathToFileURL(join(root, 'dist/index.js')).href)) as {
      runScript(script: string, options: object): Promise<Result>;
    };
    expect(results[i]).toEqual(await runScript(all[i].script, all[i].options));
  });

  test('the page asks for nothing else', () => {
    expect(asked.filter((url) => url !== '/favicon.ico').sort()).toEqual(['/', '/cases.json', '/index.js']);
  });
});
