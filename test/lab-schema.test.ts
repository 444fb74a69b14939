// The JSON Schema of the lab file against the parser: the same fields, nothing refused that the parser takes, and nothing
// taken that the parser refuses for its form. schema/lab.schema.json is the schema, printed (UPDATE=1 rewrites it).

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { LabError } from '../src/lab/file/lab.ts';
import { parseLab } from '../src/lab/file/lab-yaml.ts';
import { LAB_SCHEMA } from '../src/lab/file/schema.ts';

const FULL = `
lab: full
machine:
  macvlan: since-4.18
  nics:
    eth0: { profile: ixgbe, mac: "02:00:00:00:00:11", queues: 8, ring: 512, speed: 10Gbit, mtu: 1500, busInfo: "0000:89:00.1",
            unicastFilters: 128, bql: true, offload: { stations: 4, queuesPerStation: 1, whenOff: drop, ringOnUpper: true,
            rxOnUpper: true, testsModes: true, replicates: false, sourcePruning: true } }
  cables:
    - { between: [eth0, rack/p1], rate: 10Gbit, delay: 5us, loss: 1/1000 }
  switches:
    rack: { ports: [p1, p2], learning: true, hairpin: [p1], ageing: 300s }
  peers:
    server: { nic: { name: eth1, profile: generic, mac: "02:00:00:00:00:12" }, addresses: [192.168.7.9/24],
              routes: [default via 192.168.7.254], up: true }
networks:
  lan: { lower: eth0, mode: bridge, vlan: 100, mtu: 1400, offload: true, macs: random, queues: 4, txQueueLength: 500, broadcastQueue: 50,
         broadcastCutoff: -1, ipv6: { acceptRa: 0, autoconf: false, acceptDad: 1, addrGenMode: none }, hostShim: { device: shim0, addresses: [192.168.7.250/24], routes: [10.0.0.0/8 via 192.168.7.1], promisc: true, allmulti: true, arp: true, altnames: [shim-of-lan] } }
  alone: { lower: eth0, mode: passthru, nopromisc: true, hostShim: 192.168.8.250/24 }
  few: { lower: eth0, mode: source, nodst: true }
endpoints:
  a: { network: lan, netns: { path: /run/x }, device: eth1, mac: "02:00:00:00:00:13", addresses: [192.168.7.1/24, "fd00::1/64 nodad"],
       routes: [192.168.9.0/24], gateway: 192.168.7.254 }
  b: { network: few, netns: host, device: eth2, kind: macvtap, promisc: true, allmulti: false, arp: false, altnames: [other], sources: ["02:00:00:00:00:14"] }
expect:
  - a -> b
  - { from: a, to: server, traffic: ipv6, reach: false }
`;

type Node = { [key: string]: unknown };

const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(LAB_SCHEMA);

/** What the parser says; [] for nothing. */
function parsed(document: unknown): string[] {
  try {
    parseLab(typeof document === 'string' ? document : JSON.stringify(document), 'x.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return error.message.split('\n');
  }
}

/** Object schemas that may hold at a place. */
function records(schema: Node): Node[] {
  const inner = ((schema.anyOf as Node[]) ?? []).flatMap(records);
  return schema.properties !== undefined || typeof schema.additionalProperties === 'object'
    ? [schema, ...inner]
    : inner;
}

interface Place {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
  /** Null: no record. Names of fields; undefined: any names. */
  readonly fields: readonly string[] | null;
}

/** Every value of a document, with the fields that the schema gives it. */
function* places(value: unknown, schemas: readonly Node[], path: (string | number)[] = []): Generator<Place> {
  const here = schemas.flatMap(records);
  const names = here.flatMap((s) => Object.keys((s.properties as Node) ?? {}));
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  yield { path, value, fields: isMap && names.length > 0 ? [...new Set(names)] : null };
  if (Array.isArray(value)) {
    const items = schemas
      .flatMap((s) => [s, ...((s.anyOf as Node[]) ?? [])])
      .flatMap((s) => (s.items === undefined ? [] : [s.items as Node]));
    for (const [i, item] of value.entries()) yield* places(item, items, [...path, i]);
  } else if (isMap) {
    for (const [key, item] of Object.entries(value)) {
      const inner = here.flatMap((s) => {
        const found = (s.properties as Node)?.[key] ?? s.additionalProperties;
        return typeof found === 'object' ? [found as Node] : [];
      });
      yield* places(item, inner, [...path, key]);
    }
  }
}

function changed(document: unknown, path: readonly (string | number)[], value: unknown): unknown {
  if (path.length === 0) return value;
  const copy = structuredClone(document) as Node;
  let at = copy;
  for (const step of path.slice(0, -1)) at = at[step] as Node;
  at[path[path.length - 1]] = value;
  return copy;
}

const full = parse(FULL);

test('schema/lab.schema.json is the schema', () => {
  const text = `${JSON.stringify(LAB_SCHEMA, null, 2)}\n`;
  if (process.env.UPDATE === '1') writeFileSync('schema/lab.schema.json', text);
  expect(readFileSync('schema/lab.schema.json', 'utf8')).toBe(text);
});

test('a file with everything in it is right for both', () => {
  expect(parsed(FULL)).toEqual([]);
  expect(validate(full), JSON.stringify(validate.errors)).toBe(true);
  const used = new Set([...places(full, [LAB_SCHEMA])].map((p) => String(p.path.at(-1))));
  const known = [...places(full, [LAB_SCHEMA])].flatMap((p) => p.fields ?? []);
  expect(known.filter((name) => !used.has(name) && name !== 'host' && name !== 'pid')).toEqual([]);
});

const examples = readdirSync('examples').flatMap((name) =>
  ['lab.yaml', 'machine.yaml'].map((file) => `examples/${name}/${file}`).filter(existsSync),
);

test.each(examples)('%s is right', (file) => {
  const document = parse(readFileSync(file, 'utf8'));
  const lab = file.endsWith('lab.yaml') ? document : { machine: document };
  expect(validate(lab), JSON.stringify(validate.errors)).toBe(true);
});

describe('the fields of every map are the parser’s', () => {
  const maps = [...places(full, [LAB_SCHEMA])].filter((p) => p.fields !== null);
  test.each(maps.map((p) => [p.path.join('.') || 'the file', p] as const))('%s', (_name, { path, value, fields }) => {
    const strange = changed(full, path, { ...(value as Node), zzzzzzzzzz: 1 });
    const told = parsed(strange).flatMap((line) => /unknown field "zzzzzzzzzz"; known: (.*)$/.exec(line)?.[1] ?? []);
    expect(told).toHaveLength(1);
    expect(told[0].split(', ').toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
      fields?.toSorted((a, b) => (a < b ? -1 : 1)),
    );
    expect(validate(strange)).toBe(false);
  });
});

describe('a wrong form is refused by both, and a right one by neither', () => {
  const STRANGE = ['zzz', '', 7, -5, 1.5, 4_294_967_296, true, [], ['zzz'], {}, { zzz: 1 }, null];
  const FORM =
    /expected |unknown (?:field|mode|policy|profile|traffic|era)|out of range|is no (?:MAC|address|device name|name)/;
  test.each([...places(full, [LAB_SCHEMA])].map((p) => [p.path.join('.') || 'the file', p] as const))(
    '%s',
    (_name, p) => {
      for (const value of STRANGE) {
        const document = changed(full, p.path, value);
        const complaints = parsed(document);
        const what = `${JSON.stringify(value)}: ${complaints.join(' | ')}`;
        if (complaints.length === 0)
          expect(validate(document), `${what} ${JSON.stringify(validate.errors)}`).toBe(true);
        else if (complaints.some((c) => FORM.test(c))) expect(validate(document), what).toBe(false);
      }
    },
  );
});
