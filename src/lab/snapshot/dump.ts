// Dumps for a snapshot: one that something changed under (NLM_F_DUMP_INTR) is asked again, and after many tries taken as it
// is, which the snapshot then says. What a kernel does not have is an empty dump.

import type { NlClient } from '../../netlink/client.ts';
import { NlError } from '../../netlink/error.ts';
import type { Decoded, Payload } from '../../netlink/message.ts';

const TRIES = 20;

export class Dumps {
  readonly client: NlClient;
  /** Where it is, for what is said. */
  readonly place: string;
  readonly unseen: string[];

  constructor(client: NlClient, place: string, unseen: string[]) {
    this.client = client;
    this.place = place;
    this.unseen = unseen;
  }

  /**
   * Each message is turned into what is wanted of it as it comes, so that a dump is never held as messages; null: nothing is
   * wanted of it. `what`: in words, for `unseen`.
   */
  each<H, A, T>(
    what: string,
    form: Payload<H, A>,
    type: number,
    header: Partial<H>,
    attrs: A,
    make: (message: Decoded<H, A>) => T | null,
  ): T[] {
    for (let i = 1; ; i++) {
      const made: T[] = [];
      try {
        const interrupted = this.client.dumpEach(form, type, header, attrs, (message) => {
          const one = make(message);
          if (one !== null) made.push(one);
        });
        if (!interrupted) return made;
        if (i < TRIES) continue;
        this.unseen.push(`${what} of ${this.place} changed while they were read, ${TRIES} times: some may be missing`);
        return made;
      } catch (error) {
        if (!(error instanceof NlError)) throw error;
        if (!LACKING.has(error.code)) this.unseen.push(`${what} of ${this.place} were not told: ${error.message}`);
        return [];
      }
    }
  }
}

/** A kernel without the family or the table. */
const LACKING = new Set(['EOPNOTSUPP', 'EAFNOSUPPORT', 'ENOENT']);
