// What a scenario is made of: requests as bytes, each sent by a socket of one of two namespaces.

import { encodeMessage, type Payload } from '../../../src/netlink/message.ts';
import { NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST } from '../../../src/uapi/netlink.ts';

export interface Step {
  readonly what: string;
  readonly ns: 'a' | 'b';
  readonly proto: 0 | 4 | 16;
  readonly strict?: boolean;
  /** '' only waits. */
  readonly hex: string;
  readonly waitMs?: number;
}

/** What a kernel said to one step: datagrams as hex. */
export interface Said {
  readonly answers: readonly string[];
  readonly heard: Readonly<Record<string, readonly string[]>>;
}

export interface Golden {
  readonly kernel: string;
  /** IPv6 is on, and who listens hears of it. */
  readonly six?: boolean;
  readonly steps: readonly Step[];
  readonly said: readonly Said[];
}

/** Descriptors that stand for the two namespaces in requests. */
export const FD_A = 200;
export const FD_B = 201;

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Collects steps; sequence numbers count up. */
export class Scenario {
  readonly steps: Step[] = [];
  private seq = 0;
  private readonly proto: 0 | 16;
  readonly six: boolean;

  /** `six`: with IPv6, which is off else. */
  constructor(proto: 0 | 16 = 0, six = false) {
    this.proto = proto;
    this.six = six;
  }

  ask<H, A>(
    what: string, form: Payload<H, A>, type: number, flags: number, header: Partial<H>, attrs: A,
    more: Partial<Step> = {},
  ): this {
    const bytes = encodeMessage(form, { type, flags: flags | NLM_F_REQUEST, seq: ++this.seq }, header, attrs);
    return this.raw(what, toHex(bytes), more);
  }

  /** With an acknowledgement. */
  change<H, A>(
    what: string, form: Payload<H, A>, type: number, flags: number, header: Partial<H>, attrs: A,
    more: Partial<Step> = {},
  ): this {
    return this.ask(what, form, type, flags | NLM_F_ACK, header, attrs, more);
  }

  dump<H, A>(what: string, form: Payload<H, A>, type: number, header: Partial<H>, attrs: A, more: Partial<Step> = {}): this {
    return this.ask(what, form, type, NLM_F_DUMP, header, attrs, more);
  }

  raw(what: string, hex: string, more: Partial<Step> = {}): this {
    this.steps.push({ what, ns: 'a', proto: this.proto, hex, ...more });
    return this;
  }

  /** Lets link watch and timers run. */
  wait(ms: number): this {
    return this.raw(`wait ${ms} ms`, '', { waitMs: ms });
  }
}
