// A draft as the text of a lab file, with a comment where somebody may want something else. What it writes, lab-yaml.ts reads.

import type { Draft, DraftEndpoint, DraftNetwork } from './draft.ts';

export function writeLab(draft: Draft): string {
  const { lab, notes, machine, networks, endpoints, expect } = draft;
  const out = [
    '# A lab of lowerdev: macvlans that should exist, and who should reach whom.',
    '#',
    '#   lowerdev plan FILE      what would change, and who will reach whom; changes nothing',
    '#   lowerdev apply FILE     makes it so; destroy removes it again',
    '#   lowerdev verify FILE    measures every pair, against the plan',
    '#   lowerdev schema > lab.schema.json, for editors: docs/lab-file.md',
    ...notes.map((note) => `# ${note}`),
    '',
    `lab: ${word(lab)}`,
    ...(machine === null ? ['host: true # on this machine; or "machine:", hardware for the model and a sandbox'] : []),
    ...(machine === null ? [] : machineLines(machine)),
    '',
    networks.length === 0 ? 'networks: {}' : 'networks:',
    ...networks.flatMap(networkLines),
    '',
    endpoints.length === 0 ? 'endpoints: {}' : 'endpoints: # each in a namespace of its own, unless "netns" says where',
    ...endpoints.map((e) => endpointLine(e, networks.length > 1)),
    '',
    '# a -> b, a <-> b, a -/> b (must not); with (ipv4), (ipv6), (broadcast) or (multicast)',
    expect.length === 0 ? 'expect: []' : 'expect:',
    ...expect.map((line) => `  - ${line}`),
  ];
  return `${out.join('\n')}\n`;
}

function machineLines({ nics, peer }: NonNullable<Draft['machine']>): string[] {
  const cables = nics.flatMap((nic, i) => [
    `    - { between: [${word(nic)}, wire/p${i}] }`,
    ...(i === 0 && peer !== null ? ['    - { between: [outside/eth0, wire/outside] }'] : []),
  ]);
  const ports = [...nics.map((_, i) => `p${i}`), ...(peer === null ? [] : ['outside'])];
  return [
    'machine: # for the model and the sandbox; "host: true" instead: on this machine',
    '  nics:',
    ...nics.map((nic) => `    ${word(nic)}: {}`),
    '  switches:',
    `    wire: { ports: [${ports.join(', ')}] } # hairpin: true reflects, as VEPA wants it`,
    '  cables:',
    ...cables,
    ...(peer === null ? [] : ['  peers:', `    outside: { addresses: [${peer}] }`]),
  ];
}

function networkLines(n: DraftNetwork): string[] {
  const shim = n.hostShim;
  const optional: [string, unknown][] = [
    ['vlan', n.vlan],
    ['mtu', n.mtu],
    ['broadcastQueue', n.broadcastQueue],
    ['broadcastCutoff', n.broadcastCutoff],
    ['nopromisc', n.nopromisc || null],
    ['nodst', n.nodst || null],
    ['ipv6', n.ipv6],
  ];
  return [
    `  ${word(n.name)}:`,
    `    lower: ${word(n.lower)}`,
    `    mode: ${n.mode} # private, vepa, bridge, passthru, source`,
    ...optional.flatMap(([key, value]) => (value === null ? [] : [`    ${key}: ${value}`])),
    shim === null
      ? '    # hostShim: 192.168.7.250/24   a macvlan for the host itself, which is otherwise cut off from them'
      : `    hostShim: ${shim.length === 1 ? quoted(shim[0]) : `{ addresses: [${shim.map(quoted).join(', ')}] }`} # the host reaches them by this`,
  ];
}

function endpointLine(e: DraftEndpoint, several: boolean): string {
  const list = (key: string, items: readonly string[]): string[] =>
    items.length === 0 ? [] : [`${key}: [${items.map(quoted).join(', ')}]`];
  const fields = [
    ...(several ? [`network: ${word(e.network)}`] : []),
    ...(e.netns === null ? [] : [`netns: ${e.netns.startsWith('{') ? e.netns : word(e.netns)}`]),
    ...(e.device === 'eth0' ? [] : [`device: ${word(e.device)}`]),
    ...e.traits,
    ...list('altnames', e.altnames),
    ...(e.mac === null ? [] : [`mac: ${quoted(e.mac)}`]),
    ...list('addresses', e.addresses),
    ...(e.gateway === null ? [] : [`gateway: ${quoted(e.gateway)}`]),
    ...list('routes', e.routes),
    ...list('sources', e.sources),
  ];
  return `  ${word(e.name)}: ${fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`}`;
}

/** What YAML would take for a number, a flag or something else is quoted. */
function word(text: string): string {
  const plain = /^[A-Za-z_][A-Za-z0-9_.-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return plain ? text : JSON.stringify(text);
}

function quoted(text: string): string {
  return text.includes(':') ? JSON.stringify(text) : text;
}
