/// <reference types="node" />
// The datagrams that a real kernel exchanged (test/golden/netlink, written by tools/capture-netlink.py), for tests.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CTRL, ETHTOOL_KERNEL } from '../src/netlink/genl.ts';
import { type NlMessage, type Payload, parseMessages } from '../src/netlink/message.ts';
import { formOf } from '../src/netlink/payload.ts';

export const CAPTURES = [
  'links',
  'bridges',
  'addrs',
  'routes',
  'neighs',
  'nsids',
  'qdiscs',
  'errors',
  'uncapped',
  'notifications',
  'ethtool',
] as const;

export interface Capture {
  readonly kernel: string;
  readonly protocol: number;
  /** What iproute2 or ethtool made of the same state. */
  readonly tool: { readonly command: string; readonly output: Record<string, unknown>[] } | null;
  readonly exchanges: readonly CapturedExchange[];
}

export interface CapturedExchange {
  readonly what: string;
  readonly request: Uint8Array;
  readonly answers: readonly Uint8Array[];
}

export function capture(name: (typeof CAPTURES)[number]): Capture {
  const file = join(process.cwd(), `test/golden/netlink/${name}.json`);
  const { exchanges, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
  return { ...rest, exchanges: exchanges.map(bytesOfExchange) };
}

function bytesOfExchange(raw: { what: string; request: string; answers: string[] }): CapturedExchange {
  return { what: raw.what, request: bytesOf(raw.request), answers: raw.answers.map(bytesOf) };
}

/** One exchange by what it is called. */
export function exchange(from: Capture, what: string): CapturedExchange {
  const found = from.exchanges.find((e) => e.what === what);
  if (found === undefined) throw new Error(`no exchange is called ${what}`);
  return found;
}

export function answersTo(from: Capture, what: string): NlMessage[] {
  return exchange(from, what).answers.flatMap(parseMessages);
}

/** The form of what a kernel sent; null: an acknowledgement or the end of a dump. */
export function capturedForm(from: Capture, msg: NlMessage): Payload<unknown, unknown> | null {
  if (from.protocol === 0) return formOf(msg);
  if (msg.type < 16) return null;
  const form = msg.type === 16 ? CTRL : ETHTOOL_KERNEL.get(msg.bytes[msg.at]);
  return (form ?? null) as Payload<unknown, unknown> | null;
}

/** The bytes of one message, header included and padding not. */
export function wholeMessage(msg: NlMessage): Uint8Array {
  return msg.bytes.slice(msg.at - 16, msg.end);
}

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'));
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
