// Dumps for a snapshot: one that was interrupted again and again is taken as it is, which the snapshot then says. What a kernel
// does not have is an empty dump.

import type { NlClient } from '../../netlink/client.ts';
import { collect, DUMP_TRIES } from '../../netlink/collect.ts';
import { NlError } from '../../netlink/error.ts';
import type { Decoded, Payload } from '../../netlink/message.ts';

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

  /** What is wanted of each message; null: nothing. `what`: in words, for `unseen`. */
  each<H, A, T>(
    what: string,
    form: Payload<H, A>,
    type: number,
    header: Partial<H>,
    attrs: A,
    make: (message: Decoded<H, A>) => T | null,
  ): T[] {
    try {
      const { made, whole } = collect(this.client, form, type, header, attrs, make);
      if (!whole) {
        const text = `${what} of ${this.place} changed while they were read, ${DUMP_TRIES} times: some may be missing`;
        this.unseen.push(text);
      }
      return made;
    } catch (error) {
      if (!(error instanceof NlError)) throw error;
      if (!LACKING.has(error.code)) this.unseen.push(`${what} of ${this.place} were not told: ${error.message}`);
      return [];
    }
  }
}

/** A kernel without the family or the table. */
const LACKING = new Set(['EOPNOTSUPP', 'EAFNOSUPPORT', 'ENOENT']);
