// The machine file, which is also the `machine` of a lab, as a JSON Schema. What it is held against: file/schema.ts.

type Schema = { readonly [key: string]: unknown };

const NAME = '^[A-Za-z0-9][A-Za-z0-9_.-]*$';
const DEVICE = '^(?!(?:\\.|\\.\\.|lo|all|default)$)[^/:\\s%]{1,15}$';
const MAC = '^[0-9A-Fa-f]{1,2}(?:[:-][0-9A-Fa-f]{1,2}){5}$';

const text = (description: string, more: Schema = {}): Schema => ({ type: 'string', description, ...more });
const flag = (description: string): Schema => ({ type: 'boolean', description });
const whole = (description: string, minimum: number, maximum: number): Schema => ({
  ...{ type: 'integer', description, minimum, maximum },
});
const rate = (description: string): Schema =>
  text(description, {
    pattern: '^\\s*(?:\\d+(?:\\.\\d+)?\\s*[kmgtKMGT]?[bB][iI][tT]|[uU][nN][lL][iI][mM][iI][tT][eE][dD])\\s*$',
  });
const time = (description: string): Schema =>
  text(description, { pattern: '^\\s*\\d+(?:\\.\\d+)?\\s*(?:[nN]|[uU]|[mM])?[sS]\\s*$' });
const loss = {
  description: 'of each direction: 1/1000, 0.1%',
  anyOf: [{ const: 0 }, { type: 'string', pattern: '^\\s*(?:0+|\\d+\\s*/\\s*\\d+|\\d+(?:\\.\\d{1,6})?\\s*%)\\s*$' }],
};
const record = (properties: Schema, more: Schema = {}): Schema => ({
  ...{ type: ['object', 'null'], additionalProperties: false, properties, ...more },
});
const named = (description: string, pattern: string, value: Schema): Schema => ({
  ...{ type: ['object', 'null'], description, propertyNames: { pattern }, additionalProperties: value },
});
const list = (description: string, items: Schema): Schema => ({ type: ['array', 'null'], description, items });

const offload = {
  description: "its L2 forwarding offload: false, or fields that override the profile's",
  anyOf: [
    { type: 'boolean' },
    record({
      stations: whole('macvlans that it carries', 1, 255),
      queuesPerStation: whole('transmit and receive queues of each', 1, 16),
      whenOff: { enum: ['release', 'drop', 'ignore'], description: 'what switching the feature off does to stations' },
      ringOnUpper: flag("a station's full ring stops the macvlan itself: the condition of ENETDOWN"),
      rxOnUpper: flag("its frames come in on the macvlan, past the NIC's taps"),
      testsModes: flag('refuses mode source'),
      replicates: flag('copies broadcast and multicast into every station'),
      sourcePruning: flag('with VEPA, a frame that comes back does not reach the pool that sent it'),
    }),
  ],
};

const nicFields = (profiles: readonly string[]): Schema => ({
  profile: { enum: profiles, default: 'generic', description: 'the family of NIC' },
  mac: text('its permanent address. Default: from the seed', { pattern: MAC }),
  queues: whole('pairs of transmit and receive queues', 1, 128),
  ring: whole("descriptors of each queue's rings", 64, 8192),
  speed: rate('1Gbit, 10Gbit, ...'),
  mtu: whole('up to what the profile allows', 68, 9702),
  busInfo: text('as ethtool -i shows it'),
  unicastFilters: whole('addresses beside its own that the port filters', 0, 65536),
  offload,
  bql: flag('byte queue limits on its transmit queues'),
});

export function machineSchema(profiles: readonly string[], eras: readonly string[]): Schema {
  const nic = nicFields(profiles);
  const routes = text('default via 192.168.0.1; 10.0.0.0/8 via 192.168.0.1', {
    pattern: '^\\s*\\S+\\s+via\\s+\\S+\\s*$',
  });
  const cable = record(
    {
      between: {
        ...{ type: 'array', minItems: 2, maxItems: 2, items: { type: 'string' } },
        description: 'two ports: eth0 of the host, switch/port, peer/eth0',
      },
      rate: rate('1Gbit, 10Gbit, unlimited. Default: of the slower port'),
      delay: time('of one direction: 500ns, 5us'),
      loss,
    },
    { type: 'object', required: ['between'] },
  );
  const external = record(
    {
      ports: list('names of its ports', text('a name', { pattern: DEVICE })),
      learning: flag('false: floods every frame'),
      hairpin: {
        description: 'ports that reflect: true for all, or a list',
        anyOf: [{ type: 'boolean' }, { type: 'array', items: { type: 'string' } }],
      },
      ageing: time('after which an address is forgotten: 300s'),
    },
    { type: 'object', required: ['ports'] },
  );
  const peer = record({
    nic: record({ name: text('default: eth0', { pattern: DEVICE }), ...nic }),
    addresses: list('192.168.0.10/24', text('an address with its prefix length')),
    routes: list('static routes', routes),
    up: flag('false: its NIC is down'),
  });
  return record(
    {
      nics: named("the host's NICs, in the order in which the kernel finds them", DEVICE, record(nic)),
      cables: list('what is plugged into what', cable),
      switches: named('external switches', NAME, external),
      peers: named('hosts at the other end', NAME, peer),
      macvlan: { enum: eras, description: 'which macvlan the kernel has' },
    },
    { description: 'hardware for the model and the sandbox' },
  );
}
