// Dumps that are whole: one that something changed under (NLM_F_DUMP_INTR) is asked again. Each message is turned into what is
// wanted of it as it comes, so that no dump is ever held as messages.

import type { NlClient } from './client.ts';
import type { Decoded, Payload } from './message.ts';

/** So often: something on the machine changes all the time. */
export const DUMP_TRIES = 20;

export interface Collected<T> {
  readonly made: T[];
  /** False: it was interrupted each time, and what is here may lack something. */
  readonly whole: boolean;
}

/** What `make` makes of each message; null: nothing is wanted of it. What was made of an interrupted dump is thrown away. Throws NlError. */
export function collect<H, A, T>(
  client: NlClient,
  form: Payload<H, A>,
  type: number,
  header: Partial<H>,
  attrs: A,
  make: (message: Decoded<H, A>) => T | null,
): Collected<T> {
  for (let i = 1; ; i++) {
    const made: T[] = [];
    const interrupted = client.dumpEach(form, type, header, attrs, (message) => {
      const one = make(message);
      if (one !== null) made.push(one);
    });
    if (!interrupted || i === DUMP_TRIES) return { made, whole: !interrupted };
  }
}
