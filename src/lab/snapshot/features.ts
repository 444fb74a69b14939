// Features of all devices of a namespace, as `ethtool -k` names them. Asked for as words of bits, since a thousand devices'
// names would be megabytes; the names come once, from the kernel itself.

import type { NlClient } from '../../netlink/client.ts';
import { NlError } from '../../netlink/error.ts';
import { ETHTOOL, familyOf } from '../../netlink/genl.ts';
import {
  type Bitset,
  ETH_SS_FEATURES,
  ETHTOOL_FLAG_COMPACT_BITSETS,
  ETHTOOL_GENL_VERSION,
  ETHTOOL_MSG_FEATURES_GET,
  ETHTOOL_MSG_STRSET_GET,
} from '../../uapi/ethtool.ts';
import { Dumps } from './dump.ts';
import type { SnapFeatures } from './snapshot.ts';

type Asked = 'hw' | 'active' | 'nochange' | 'wanted';

export class FeatureReader {
  #family: number | null = null;
  #names: readonly string[] = [];
  /** By the bits themselves: most devices are alike. */
  readonly #known = new Map<string, SnapFeatures>();

  /** By ifindex. `client`: generic netlink, in the namespace. */
  read(client: NlClient, place: string, unseen: string[]): ReadonlyMap<number, SnapFeatures> {
    if (this.#family === null) this.#start(client);
    if (this.#family === null || this.#family === 0) return new Map();
    const header = { cmd: ETHTOOL_MSG_FEATURES_GET, version: ETHTOOL_GENL_VERSION };
    const attrs = { header: { flags: ETHTOOL_FLAG_COMPACT_BITSETS } };
    const dumps = new Dumps(client, place, unseen);
    const found = dumps.each('features', ETHTOOL.features, this.#family, header, attrs, (m) => {
      const index = m.attrs.header?.devIndex;
      return index === undefined ? null : ([index, this.#features(m.attrs)] as const);
    });
    return new Map(found);
  }

  #start(client: NlClient): void {
    try {
      this.#family = familyOf(client, 'ethtool').familyId ?? 0;
      const header = { cmd: ETHTOOL_MSG_STRSET_GET, version: ETHTOOL_GENL_VERSION };
      const { attrs } = client.get(ETHTOOL.strset, this.#family, header, {
        header: {},
        stringsets: [{ id: ETH_SS_FEATURES }],
      });
      const names: string[] = [];
      for (const { index, value } of attrs.stringsets?.[0]?.strings ?? []) {
        if (index !== undefined && value !== undefined) names[index] = value;
      }
      this.#names = names;
    } catch (error) {
      if (!(error instanceof NlError)) throw error;
      this.#family = 0;
    }
  }

  #features({ hw, active, nochange, wanted }: Partial<Record<Asked, Bitset>>): SnapFeatures {
    const on = active?.value ?? [];
    const asked = wanted?.value ?? [];
    const changeable = (hw?.value ?? []).map((word, i) => word & ~(nochange?.value?.[i] ?? 0));
    const key = `${on.join()}/${changeable.join()}/${asked.join()}`;
    let found = this.#known.get(key);
    if (found === undefined) {
      found = { on: this.#named(on), changeable: this.#named(changeable), wanted: this.#named(asked) };
      this.#known.set(key, found);
    }
    return found;
  }

  #named(words: readonly number[]): string[] {
    return this.#names.filter((name, bit) => name !== '' && ((words[bit >> 5] ?? 0) & (1 << (bit & 31))) !== 0);
  }
}
