// A random lab, as the file that a user would write: hardware, networks of all modes, endpoints in namespaces of their own, shared
// ones and the host's. The same seed gives the same text.

import { Stream } from '../../src/base/random.ts';

const MODES = ['private', 'vepa', 'bridge', 'passthru', 'source'];

export function randomLab(seed: number): string {
  return new Generator(seed).text();
}

interface Endpoint {
  readonly name: string;
  readonly network: number;
  readonly mac: string;
}

class Generator {
  readonly #random: Stream;
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = new Stream(seed, 'random lab');
  }

  #below(n: number): number {
    return this.#random.below(n);
  }

  /** One time in `n`. */
  #rarely(n: number): boolean {
    return this.#below(n) === 0;
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)];
  }

  text(): string {
    const nics = 1 + this.#below(2);
    const six = !this.#rarely(3);
    const peers = this.#below(4);
    const lines = [`lab: random${this.#seed}`, ...this.#machine(nics, peers)];
    const networks = this.#networks(nics, six);
    lines.push('networks:', ...networks.map((n) => n.text), 'endpoints:');
    const endpoints = this.#endpoints(networks);
    for (const e of endpoints) lines.push(`  ${e.name}: { ${this.#endpoint(e, endpoints, networks, peers)} }`);
    return `${lines.join('\n')}\n`;
  }

  /** Each NIC goes to a switch, to a peer, or (rarely) nowhere; peers that are left go to switches. */
  #machine(nics: number, peers: number): string[] {
    const switches = this.#below(3);
    const ports: string[][] = Array.from({ length: switches }, () => []);
    const cables: string[] = [];
    const plug = (end: string): void => {
      const at = this.#below(switches);
      const port = `p${ports[at].length}`;
      ports[at].push(port);
      cables.push(`{ between: [${end}, sw${at}/${port}] }`);
    };
    const free = Array.from({ length: peers }, (_, i) => i);
    for (let i = 0; i < nics; i++) {
      if (this.#rarely(12)) continue;
      const peer = switches === 0 || this.#rarely(4) ? free.shift() : undefined;
      if (peer !== undefined) cables.push(`{ between: [eth${i}, far${peer}/eth0] }`);
      else if (switches > 0) plug(`eth${i}`);
    }
    for (const peer of switches > 0 ? free : []) plug(`far${peer}/eth0`);
    if (switches === 2 && this.#rarely(2)) {
      for (const list of ports) list.push('up');
      cables.push('{ between: [sw0/up, sw1/up] }');
    }
    const lines = ['machine:', '  nics:'];
    for (let i = 0; i < nics; i++) lines.push(`    eth${i}: { mac: "02:00:00:00:00:0${i}" }`);
    if (switches > 0) lines.push('  switches:');
    for (const [i, list] of ports.entries()) {
      const hairpin = list.filter((port) => port !== 'up' && this.#rarely(3)); // two that reflect each other never end
      const learning = this.#rarely(5) ? ', learning: false' : '';
      lines.push(`    sw${i}: { ports: [${list.join(', ')}], hairpin: [${hairpin.join(', ')}]${learning} }`);
    }
    if (peers > 0) lines.push('  peers:');
    for (let i = 0; i < peers; i++) {
      const address = `192.168.${this.#rarely(4) ? 8 : 7}.${90 + i}/24`;
      lines.push(`    far${i}: { nic: { mac: "02:00:00:00:0f:0${i}" }, addresses: [${address}] }`);
    }
    lines.push(`  cables: [${cables.join(', ')}]`);
    return lines;
  }

  /** passthru has its lower device to itself. */
  #networks(nics: number, six: boolean): { readonly mode: string; readonly six: boolean; readonly text: string }[] {
    const owned = new Set<number>();
    const used = new Set<number>();
    return Array.from({ length: 1 + this.#below(3) }, (_, i) => {
      const nic = this.#below(nics);
      let mode = this.#pick(MODES);
      if (owned.has(nic)) mode = 'skip';
      else if (mode === 'passthru' && used.has(nic)) mode = 'bridge';
      if (mode === 'passthru') owned.add(nic);
      used.add(nic);
      const ipv6 = six && !this.#rarely(5);
      const words = [`lower: eth${nic}`, `mode: ${mode === 'skip' ? 'bridge' : mode}`];
      if (!ipv6) words.push('ipv6: false');
      if (mode === 'source' && this.#rarely(3)) words.push('nodst: true');
      if (mode === 'passthru' && this.#rarely(3)) words.push('nopromisc: true');
      if (this.#rarely(6)) words.push('mtu: 1400');
      if (this.#rarely(6)) words.push('broadcastQueue: 50');
      if (mode !== 'passthru' && mode !== 'skip' && mode !== 'source' && this.#rarely(3)) {
        words.push(`hostShim: 192.168.7.${200 + i}/24`);
      }
      return { mode, six: ipv6, text: `  n${i}: { ${words.join(', ')} }` };
    });
  }

  #endpoints(networks: readonly { readonly mode: string }[]): Endpoint[] {
    const taken = new Set<number>();
    return Array.from({ length: 1 + this.#below(5) }, (_, i): Endpoint => {
      return { name: `e${i}`, network: this.#below(networks.length), mac: `02:00:00:00:0e:0${i}` };
    }).filter(({ network }) => {
      const { mode } = networks[network];
      if (mode === 'skip' || (mode === 'passthru' && taken.has(network))) return false;
      taken.add(network);
      return true;
    });
  }

  #endpoint(
    e: Endpoint,
    all: readonly Endpoint[],
    networks: readonly { readonly mode: string; readonly six: boolean }[],
    peers: number,
  ): string {
    const { mode, six } = networks[e.network];
    const i = Number(e.name.slice(1));
    const words = [`network: n${e.network}`];
    const where = this.#rarely(6) ? 'host' : i > 0 && this.#rarely(4) ? this.#pick(all.slice(0, i)).name : null;
    if (where !== null) words.push(`netns: ${where}`);
    words.push(`device: v${i}`);
    if (mode !== 'passthru') words.push(`mac: "${e.mac}"`);
    const addresses = [`192.168.${this.#rarely(5) ? 8 : 7}.${i + 1}/24`];
    if (this.#rarely(6)) addresses.push(`192.168.8.${i + 101}/24`);
    if (six && !this.#rarely(3)) addresses.push(`"fd00:7::${i + 1}/64"`);
    const none = this.#rarely(12);
    if (!none) words.push(`addresses: [${addresses.join(', ')}]`);
    if (!none && this.#rarely(4) && where === null) words.push(`gateway: ${addresses[0].replace(/\.\d+\/24$/, '.90')}`);
    if (mode === 'source') {
      const others = [
        ...all.filter((o) => o !== e).map((o) => o.mac),
        ...Array.from({ length: peers }, (_, p) => `02:00:00:00:0f:0${p}`),
      ];
      words.push(
        `sources: [${others
          .filter(() => !this.#rarely(3))
          .map((m) => `"${m}"`)
          .join(', ')}]`,
      );
    }
    return words.join(', ');
  }
}
