// The kernels that labs are applied to in these tests: the model, and where it can be had this machine's, in namespaces that
// the test makes. Both are a machine whose one NIC, p0, is up, and which has a macvlan that is nobody's business.

import { Access, type LabKernel } from '../../src/lab/apply/access.ts';
import { dumpAddresses, dumpLinks, dumpRoutes } from '../../src/lab/apply/dump.ts';
import { parseMachine } from '../../src/lab/machine-yaml.ts';
import { createModel } from '../../src/lab/model.ts';
import { LinuxOs } from '../../src/linux/linux-os.ts';
import { SandboxOs } from '../../src/linux/sandbox/open.ts';
import { LINK } from '../../src/netlink/payload.ts';
import { IFA_F_NODAD } from '../../src/uapi/addr.ts';
import { formatIp, formatMac } from '../../src/uapi/format.ts';
import { IFF_ALLMULTI, IFF_NOARP, IFF_PROMISC, IFF_UP } from '../../src/uapi/link.ts';
import { RTM_NEWLINK } from '../../src/uapi/msgtype.ts';
import { NLM_F_CREATE } from '../../src/uapi/netlink.ts';
import { RT_TABLE_MAIN } from '../../src/uapi/route.ts';

export interface Arm {
  readonly name: string;
  /** Why it is left out; null: it is not. */
  readonly skip: string | null;
  open(): Promise<Opened>;
}

export interface Opened {
  readonly kernel: LabKernel;
  /** Everything that a lab could have touched, as text. */
  look(): string[];
  close(): void;
}

const live = process.platform !== 'linux' ? 'needs Linux' : process.getuid?.() === 0 ? null : 'needs root';

export const ARMS: Arm[] = [
  { name: 'the model', skip: null, open: openModel },
  { name: 'this kernel', skip: live, open: openLinux },
];

async function openModel(): Promise<Opened> {
  const model = createModel({ seed: 1, machine: parseMachine('nics: { p0: {} }', 'machine.yaml') });
  prepare(model.os, null);
  return { kernel: model.os, look: () => look(model.os), close: () => model.close() };
}

async function openLinux(): Promise<Opened> {
  const kernel = new SandboxOs(await LinuxOs.open()); // names of its own: nothing of the machine is seen or touched;
  prepare(kernel, {
    ifname: 'p0',
    linkinfo: { kind: 'veth', data: { peer: { header: {}, attrs: { ifname: 'p0x' } } } },
  });
  return { kernel, look: () => look(kernel), close: () => kernel.close() };
}

function prepare(kernel: LabKernel, make: object | null): void {
  const access = new Access(kernel);
  const { client } = access.host;
  const up = { flags: IFF_UP, change: IFF_UP };
  if (make !== null) client.request(LINK, RTM_NEWLINK, NLM_F_CREATE, {}, make as never);
  client.request(LINK, RTM_NEWLINK, 0, up, { ifname: 'p0' });
  if (make !== null) client.request(LINK, RTM_NEWLINK, 0, up, { ifname: 'p0x' });
  const p0 = dumpLinks(client).find((m) => m.attrs.ifname === 'p0');
  const theirs = { ifname: 'theirs', link: p0?.header.index, address: 0x02aa_0000_0001, linkinfo: { kind: 'macvlan' } };
  client.request(LINK, RTM_NEWLINK, NLM_F_CREATE, up, theirs as never);
  access.close();
}

export function look(kernel: LabKernel): string[] {
  const access = new Access(kernel);
  try {
    const names = [...kernel.nsNames()].sort();
    return ['', ...names].flatMap((name) => {
      const { client, ns } = access.at(name === '' ? { kind: 'host' } : { kind: 'name', name });
      const found = dumpLinks(client);
      const traits = found.map(({ header, attrs: a }) => {
        const six = a.afSpec?.inet6;
        const conf = [3, 5, 27].map((i) => six?.conf?.[i]).join(' ');
        const flags = header.flags & (IFF_PROMISC | IFF_ALLMULTI | IFF_NOARP);
        const kind = a.linkinfo?.kind ?? '';
        return `${name}: ${a.ifname} is a ${kind} ${flags.toString(16)} ${six?.addrGenMode} ${conf} ${a.txqlen} ${[...(a.propList ?? [])].sort().join(' ')}`;
      });
      const links = found.map(({ header, attrs: a }) => {
        const data = { ...a.linkinfo?.data, peer: undefined, bcQueueLenUsed: undefined };
        const six = kernel.readFile(ns, `/proc/sys/net/ipv6/conf/${a.ifname}/disable_ipv6`);
        const what = [
          header.index,
          a.ifname,
          formatMac(a.address ?? 0),
          a.mtu,
          header.flags & IFF_UP,
          a.link,
          a.linkNetnsid,
        ];
        return `${name}: ${[...what, a.ifalias, a.group].join(' ')} ${JSON.stringify(data)} ${six}`;
      });
      const addresses = dumpAddresses(client)
        .map(({ header, attrs: a }) => ({ index: header.index, text: formatIp(a.local ?? a.address ?? 0), header }))
        .filter((a) => !a.text.startsWith('fe80:')) // these come by themselves
        .map(
          (a) => `${name}: ${a.index} ${a.text}/${a.header.prefixlen}${a.header.flags & IFA_F_NODAD ? ' nodad' : ''}`,
        );
      const routes = dumpRoutes(client)
        .filter(({ header, attrs: a }) => header.table === RT_TABLE_MAIN && formatIp(a.dst ?? 0) !== 'fe80::')
        .map(({ header: h, attrs: a }) => {
          const to = a.dst === undefined ? 'default' : `${formatIp(a.dst)}/${h.dstLen}`;
          return `${name}: route ${h.family} ${to} ${a.gateway === undefined ? '' : formatIp(a.gateway)} ${a.oif} ${h.protocol}`;
        });
      return [...links, ...traits, ...addresses.sort(), ...routes.sort()];
    });
  } finally {
    access.close();
  }
}
