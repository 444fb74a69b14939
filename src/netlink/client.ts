// A netlink client: asks over a transport, waits for the answer, and hands notifications to a listener. Synchronous: a
// transport has its answers ready when send() returns. It never retries; an interrupted dump is said, not hidden.

import { assert } from '../base/assert.ts';
import {
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_MIN_TYPE,
} from '../uapi/netlink.ts';
import { NlError, NlFormatError } from './error.ts';
import {
  type Decoded,
  decodeAnswer,
  decodeMessage,
  messages,
  type NlAnswer,
  type NlMessage,
  type Payload,
  writeMessage,
} from './message.ts';
import type { NlTransport } from './transport.ts';
import { Writer } from './writer.ts';

export interface Dump<H, A> {
  readonly messages: Decoded<H, A>[];
  /** Something changed meanwhile (NLM_F_DUMP_INTR): entries may be missing or twice. */
  readonly interrupted: boolean;
}

/** One request of a batch. */
export interface Request<H, A> {
  readonly form: Payload<H, A>;
  readonly type: number;
  readonly flags?: number;
  readonly header: Partial<H>;
  readonly attrs: A;
}

/** Requests to a datagram: the refusals of so many fit into the smallest receive buffer that Linux gives. */
const LOT = 200;

export class NlClient {
  readonly transport: NlTransport;
  /** Hears what was not asked for. Install it before join(). */
  onNotification: ((msg: NlMessage) => void) | null = null;
  #seq: number;

  constructor(transport: NlTransport, firstSeq = 1) {
    this.transport = transport;
    this.#seq = firstSeq - 1;
  }

  /** Asks for a change and waits for its acknowledgement. Throws NlError when it is refused. */
  request<H, A>(form: Payload<H, A>, type: number, flags: number, header: Partial<H>, attrs: A): void {
    const refusal = this.tryRequest(form, type, flags, header, attrs);
    if (refusal !== null) throw refusal;
  }

  /** The same, with the refusal as a value; null when it was granted. */
  tryRequest<H, A>(form: Payload<H, A>, type: number, flags: number, header: Partial<H>, attrs: A): NlError | null {
    return this.batch([{ form, type, flags, header, attrs } as Request<unknown, unknown>])[0];
  }

  /**
   * Many changes, as many as fit in one datagram; each is granted (null) or refused on its own. Linux goes on after a
   * refusal. Only the last one of a datagram is acknowledged: a refusal is told unasked, with its request's number.
   */
  batch(requests: readonly Request<unknown, unknown>[]): (NlError | null)[] {
    const out: (NlError | null)[] = [];
    for (let at = 0; at < requests.length; at += LOT) out.push(...this.#lot(requests.slice(at, at + LOT)));
    return out;
  }

  /** One change in two parts, for whoever sends the datagram himself: the answer may be asked for when that has returned. */
  prepare(request: Request<unknown, unknown>): { readonly datagram: Uint8Array; answer(): NlError | null } {
    const { datagram, answers } = this.#write([request]);
    return { datagram, answer: () => answers()[0] };
  }

  #lot(requests: readonly Request<unknown, unknown>[]): (NlError | null)[] {
    const { datagram, answers } = this.#write(requests);
    this.transport.send(datagram);
    return answers();
  }

  #write(requests: readonly Request<unknown, unknown>[]): { datagram: Uint8Array; answers(): (NlError | null)[] } {
    const w = new Writer(192 * requests.length);
    const first = this.#seq + 1;
    const last = this.#seq + requests.length;
    for (const { form, type, flags, header, attrs } of requests) {
      const seq = ++this.#seq;
      const ack = seq === last ? NLM_F_ACK : 0;
      writeMessage(w, form, { type, flags: (flags ?? 0) | NLM_F_REQUEST | ack, seq }, header, attrs);
    }
    return { datagram: w.take(), answers: () => this.#answers(first, last) };
  }

  #answers(first: number, last: number): (NlError | null)[] {
    const out = new Array<NlError | null>(last - first + 1).fill(null);
    this.#receive(first, last, (msg) => {
      if (msg.type !== NLMSG_ERROR) {
        this.onNotification?.(msg); // of our own change: addresses and routes are told with the asker's seq and pid
        return false;
      }
      out[msg.seq - first] = refusalOf(decodeAnswer(msg));
      return msg.seq === last;
    });
    return out;
  }

  /** Asks one question with one answer (RTM_GETLINK of one link). Throws NlError when it is refused. */
  get<H, A>(form: Payload<H, A>, type: number, header: Partial<H>, attrs: A, flags = 0): Decoded<H, A> {
    let answer: Decoded<H, A> | null = null;
    this.#ask(form, type, flags | NLM_F_REQUEST, header, attrs, (msg) => {
      if (msg.type === NLMSG_ERROR) throwRefusal(decodeAnswer(msg));
      else answer = decodeMessage(form, msg);
      return true;
    });
    if (answer === null) throw new NlFormatError(`request ${type} was acknowledged where an answer was due`, 0);
    return answer;
  }

  /** Asks for all of something. Throws NlError when it is refused. */
  dump<H, A>(form: Payload<H, A>, type: number, header: Partial<H>, attrs: A): Dump<H, A> {
    const found: Decoded<H, A>[] = [];
    const interrupted = this.dumpEach(form, type, header, attrs, (message) => found.push(message));
    return { messages: found, interrupted };
  }

  /**
   * The same, each handed over as it comes, and none kept: of a million routes there is one datagram at a time. True: it was
   * interrupted, and what was handed over is to be thrown away. Throws what `take` throws, when the dump is through.
   */
  dumpEach<H, A>(
    form: Payload<H, A>,
    type: number,
    header: Partial<H>,
    attrs: A,
    take: (message: Decoded<H, A>) => void,
  ): boolean {
    let interrupted = false;
    let thrown: { error: unknown } | null = null; // the rest is read all the same: it would be in the next answer's way
    this.#ask(form, type, NLM_F_REQUEST | NLM_F_DUMP, header, attrs, (msg) => {
      if ((msg.flags & NLM_F_DUMP_INTR) !== 0) interrupted = true;
      if (msg.type === NLMSG_DONE || msg.type === NLMSG_ERROR) {
        throwRefusal(decodeAnswer(msg));
        return true;
      }
      if (msg.type < NLMSG_MIN_TYPE || thrown !== null) return false;
      try {
        take(decodeMessage(form, msg));
      } catch (error) {
        thrown = { error };
      }
      return false;
    });
    if (thrown !== null) throw (thrown as { error: unknown }).error;
    return interrupted;
  }

  /** Hands over whatever notifications are waiting. */
  poll(): void {
    for (let datagram = this.transport.recv(); datagram !== null; datagram = this.transport.recv()) {
      for (const msg of messages(datagram)) this.onNotification?.(msg);
    }
  }

  join(group: number): void {
    this.transport.join(group);
  }

  close(): void {
    this.transport.close();
  }

  #ask<H, A>(
    form: Payload<H, A>,
    type: number,
    flags: number,
    header: Partial<H>,
    attrs: A,
    take: (msg: NlMessage) => boolean,
  ): void {
    const w = new Writer();
    const seq = ++this.#seq;
    writeMessage(w, form, { type, flags, seq }, header, attrs);
    this.transport.send(w.take());
    this.#receive(seq, seq, take);
  }

  /** Reads until `take` says that the answer to requests first..last is complete. */
  #receive(first: number, last: number, take: (msg: NlMessage) => boolean): void {
    for (;;) {
      const datagram = this.transport.recv();
      assert(datagram !== null, `the kernel left request ${last} without an answer`);
      let complete = false;
      for (const msg of messages(datagram)) {
        const ours = msg.seq >= first && msg.seq <= last && msg.pid === this.transport.portId;
        if (ours && !complete) complete = take(msg);
        else if (msg.type >= NLMSG_MIN_TYPE) this.onNotification?.(msg);
      }
      if (complete) return;
    }
  }
}

function refusalOf(answer: NlAnswer): NlError | null {
  return answer.errno === 0 ? null : new NlError(answer.errno, answer.extack);
}

function throwRefusal(answer: NlAnswer): void {
  const refusal = refusalOf(answer);
  if (refusal !== null) throw refusal;
}
