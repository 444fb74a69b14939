// A capture of a small lab: which interfaces there are, what each saw, and that tshark reads it.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { macvlanLink } from '../drivers/macvlan/macvlan.ts';
import { addLink, BROADCAST, cable, makeKernel, send, settle, up } from '../drivers/testing.ts';
import type { Skb } from '../net/skb.ts';
import { readPcapng } from '../wire/pcapng-read.ts';
import { snapshot } from './counters.ts';
import { Capture } from './pcap.ts';

function captured(hidden: boolean): { bytes: Uint8Array; chunks: number } {
  const { kernel, host } = makeKernel();
  const far = kernel.createNs('far');
  far.hidden = true;
  const [h0] = cable(host, 'h0', 0x0200000000f0, far, 'f0', 0x0200000000f1);
  settle(kernel);
  const chunks: Uint8Array[] = [];
  const capture = new Capture(kernel, (c) => chunks.push(c.slice()), { hidden, epochSec: 1_767_225_600 });
  const m0 = addLink(host, macvlanLink, 'm0', { link: h0, data: { mode: 4 } });
  kernel.dev.moveToNs(m0, kernel.createNs('net0'));
  up(m0);
  settle(kernel);
  send(m0, BROADCAST);
  settle(kernel);
  const tagged = kernel.skbs.alloc(60) as Skb;
  tagged.bytes.fill(0, tagged.off, tagged.off + 60);
  tagged.bytes.set([0x88, 0xb5], tagged.off + 12);
  tagged.dev = h0;
  tagged.vlanProto = 0x8100;
  tagged.vlanTci = 7;
  kernel.tx.devQueueXmit(tagged, null);
  settle(kernel);
  capture.finish();
  send(h0, BROADCAST);
  const bytes = new Uint8Array(chunks.reduce((n, c) => n + c.length, 0));
  let at = 0;
  for (const c of chunks) {
    bytes.set(c, at);
    at += c.length;
  }
  return { bytes, chunks: chunks.length };
}

test('one interface per device and name, in order of appearance; hidden ones on request', () => {
  const file = readPcapng(captured(false).bytes);
  expect(file.interfaces.map((i) => i.name)).toEqual(['net0/m0', 'h0', 'lo', 'net0/lo']);
  const seen = file.packets.map((p) => [file.interfaces[p.ifId].name, p.direction === 2 ? 'out' : 'in', p.data.length]);
  expect(seen).toEqual([
    ['net0/m0', 'out', 60],
    ['h0', 'out', 60],
    ['h0', 'out', 64],
  ]);
  const last = file.packets[2].data;
  expect([...last.subarray(12, 16)]).toEqual([0x81, 0, 0, 7]);
  expect(readPcapng(captured(true).bytes).interfaces.map((i) => i.name)).toContain('far/f0');
});

test('the same lab gives the same bytes', () => {
  expect(captured(true).bytes).toEqual(captured(true).bytes);
});

test('it is written as it happens', () => {
  expect(captured(false).chunks).toBeGreaterThan(8);
});

test('tshark reads it', (context) => {
  const dir = mkdtempSync(join(tmpdir(), 'lowerdev-'));
  try {
    const path = join(dir, 'a.pcapng');
    writeFileSync(path, captured(true).bytes);
    const out = execFileSync(
      'tshark',
      ['-r', path, '-T', 'fields', '-e', 'frame.interface_name', '-e', '_ws.malformed'],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    expect(out.split('\n').map((l) => l.trim())).toContain('net0/m0');
    expect(out).not.toMatch(/Malformed/);
  } catch (e) {
    if ((e as { code?: string }).code === 'ENOENT') context.skip('tshark is not installed here');
    throw e;
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('counters: what is not 0, and what changed', () => {
  const { kernel, host } = makeKernel();
  const [h0] = cable(host, 'h0', 0x0200000000f0, kernel.createNs('far'), 'f0', 0x0200000000f1);
  settle(kernel);
  const before = snapshot(kernel);
  send(h0, BROADCAST);
  send(h0, BROADCAST);
  settle(kernel);
  const lines = snapshot(kernel)
    .since(before)
    .map((l) => l.join(' '));
  expect(lines).toContain('h0 txPackets 2');
  expect(lines).toContain('far/f0 rxBytes 120');
  expect(lines).toContain('drop NoHandler 2');
});
