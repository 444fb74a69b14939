// ethtool's socket: requests to the generic netlink family, refusals in the tool's words. ethtool: netlink/nlsock.c.

import { NlClient } from '../../../netlink/client.ts';
import { NlError } from '../../../netlink/error.ts';
import { type AnyGenlForm, familyOf } from '../../../netlink/genl.ts';
import { strerror } from '../../../uapi/errno.ts';
import type { Proc } from '../../process.ts';
import { ProgramExit } from '../program-exit.ts';

/** Ends the command. */
export class EthtoolExit extends ProgramExit {}

export class Ethtool {
  readonly proc: Proc;
  private readonly client: NlClient;
  private readonly family: number;

  constructor(proc: Proc) {
    this.proc = proc;
    this.client = new NlClient(proc.os.netlink(proc.ns, 16));
    this.family = familyOf(this.client, 'ethtool').familyId ?? 0;
  }

  close(): void {
    this.client.close();
  }

  /** Asks about one device; null after saying why not. `quiet`: the kernel may well have nothing to say. */
  ask(form: AnyGenlForm, cmd: number, attrs: Record<string, unknown>, quiet = false): Record<string, unknown> | null {
    try {
      return this.client.get(form, this.family, { cmd, version: 1 }, attrs as never).attrs as Record<string, unknown>;
    } catch (e) {
      if (!(e instanceof NlError)) throw e;
      if (!(quiet && e.errno === 95)) this.proc.err(refusal(e));
      return null;
    }
  }

  /** A change without an answer; false after saying why not. */
  change(form: AnyGenlForm, cmd: number, attrs: Record<string, unknown>): boolean {
    try {
      this.client.request(form, this.family, 0, { cmd, version: 1 }, attrs as never);
      return true;
    } catch (e) {
      if (!(e instanceof NlError)) throw e;
      this.proc.err(refusal(e));
      return false;
    }
  }
}

function refusal(e: NlError): string {
  const at = e.extack.offset;
  const words = e.extack.text;
  let out = '';
  if (words !== undefined) out = `netlink error: ${words}${at === undefined ? '' : ` (offset ${at})`}\n`;
  return `${out}netlink error: ${strerror(e.errno)}\n`;
}

/** The bits that a bitset of either form names as set. */
export function bitsOf(set: unknown): Set<number> {
  const s = set as
    | { bits?: Array<{ index?: number; value?: boolean }>; nomask?: boolean; value?: Uint32Array | number[] }
    | undefined;
  const out = new Set<number>();
  if (s === undefined) return out;
  if (s.value !== undefined) words(s.value, out);
  for (const b of s.bits ?? []) if (b.index !== undefined && (s.nomask === true || b.value === true)) out.add(b.index);
  return out;
}

/** The bits that a bitset speaks about at all. */
export function maskOf(set: unknown): Set<number> {
  const s = set as { bits?: Array<{ index?: number }>; mask?: Uint32Array | number[] } | undefined;
  const out = new Set<number>();
  if (s === undefined) return out;
  if (s.mask !== undefined) words(s.mask, out);
  for (const b of s.bits ?? []) if (b.index !== undefined) out.add(b.index);
  return out;
}

function words(list: Uint32Array | number[], out: Set<number>): void {
  for (let w = 0; w < list.length; w++)
    for (let i = 0; i < 32; i++) if (((list[w] >>> i) & 1) !== 0) out.add(w * 32 + i);
}
