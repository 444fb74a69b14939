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

  /** `what`: in words, for `unseen`. */
  all<H, A>(what: string, form: Payload<H, A>, type: number, header: Partial<H>, attrs: A): Decoded<H, A>[] {
    for (let i = 1; ; i++) {
      try {
        const dump = this.client.dump(form, type, header, attrs);
        if (!dump.interrupted) return dump.messages;
        if (i < TRIES) continue;
        this.unseen.push(`${what} of ${this.place} changed while they were read, ${TRIES} times: some may be missing`);
        return dump.messages;
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
