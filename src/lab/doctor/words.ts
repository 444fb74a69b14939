// Words of findings: a namespace in a sentence, a long list, a device that is to be set down and up again.

import { shellWord } from '../../base/shell-word.ts';
import { inNs } from '../snapshot/commands.ts';
import { namespaceName, type SnapNamespace } from '../snapshot/snapshot.ts';
import type { Spot } from '../status/view.ts';

/** A namespace in a sentence. */
export function nsText(ns: SnapNamespace): string {
  return ns.host ? 'the host' : `namespace ${namespaceName(ns)}`;
}

export function upAgain({ ns, link }: Spot): string {
  return `${inNs(ns, 'ip', `link set ${shellWord(link.name)} down`)}; ${inNs(ns, 'ip', `link set ${shellWord(link.name)} up`)}`;
}

/** `a, b and 7 more` of a long list. */
export function list(items: readonly string[], most = 5): string {
  if (items.length <= most) return items.join(', ');
  return `${items.slice(0, most).join(', ')} and ${items.length - most} more`;
}
