// 802.2 LLC lines, SNAP, and spanning tree BPDUs. tcpdump: print-llc.c, print-stp.c.

import { ethertypeNames } from './names.ts';
import { printEthertype } from './print-ether.ts';
import { bits, hex, type Printer, type Tok, tok } from './printer.ts';

const saps: Tok = [
  [0x00, 'Null'],
  [0xff, 'Global'],
  [0x02, '802.1B I'],
  [0x03, '802.1B G'],
  [0x06, 'IP'],
  [0x0e, 'ProWay NM'],
  [0x42, 'STP'],
  [0x4e, 'EIA-RS511'],
  [0x7e, 'ISO8208'],
  [0x7f, 'ISO8208'],
  [0x8e, 'ProWay'],
  [0xaa, 'SNAP'],
  [0xe0, 'IPX'],
  [0xf0, 'NetBeui'],
  [0xfe, 'OSI'],
];
const commands: Tok = [
  [0x03, 'ui'],
  [0xe3, 'test'],
  [0xaf, 'xid'],
  [0x63, 'ua'],
  [0x43, 'disc'],
  [0x0f, 'dm'],
  [0x6f, 'sabme'],
  [0x87, 'frmr'],
];

/** Where the frame's addresses are; null under a cooked header, which has none. */
export interface Macs {
  src: number;
  dst: number;
}

/** Returns the length of the LLC header; negative when all of it is still to be dumped. */
export function printLlc(p: Printer, at: number, length: number, macs: Macs | null): number {
  p.proto = 'llc';
  if (!p.has(at, 3) || length < 3) {
    p.putTrunc();
    return at - p.end;
  }
  const dsapField = p.u8(at);
  const ssapField = p.u8(at + 1);
  const unnumbered = (p.u8(at + 2) & 3) === 3;
  const hdr = unnumbered ? 3 : 4;
  if (!p.has(at, hdr) || length < hdr) {
    p.putTrunc();
    return at - p.end;
  }
  const control = unnumbered ? p.u8(at + 2) : p.u8(at + 2) | (p.u8(at + 3) << 8);
  const dsap = dsapField & 0xfe;
  const ssap = ssapField & 0xfe;
  if (ssapField === 0xaa && dsapField === 0xaa && control === 3) return printSnap(p, at, length, macs);
  if (p.o.e) putSaps(p, dsapField, ssapField, unnumbered ? hex(control, 2) : hex(control, 4));
  if (ssap === 0x42 && dsap === 0x42 && control === 3) {
    printStp(p, at + 3, length - 3);
    return hdr;
  }
  if (!p.o.e) putEnds(p, macs, dsap, ssap);
  putControl(p, unnumbered, control, (ssapField & 1) !== 0, length);
  return !unnumbered && (control & 3) === 1 ? hdr : -hdr;
}

function putSaps(p: Printer, dsap: number, ssap: number, control: string): void {
  p.put(
    `LLC, dsap ${tok(saps, dsap & 0xfe, 'Unknown')} (0x${hex(dsap & 0xfe, 2)}) ${(dsap & 1) !== 0 ? 'Group' : 'Individual'}`,
  );
  p.put(
    `, ssap ${tok(saps, ssap & 0xfe, 'Unknown')} (0x${hex(ssap & 0xfe, 2)}) ${(ssap & 1) !== 0 ? 'Response' : 'Command'}`,
  );
  p.put(`, ctrl 0x${control}: `);
}

function putEnds(p: Printer, macs: Macs | null, dsap: number, ssap: number): void {
  const d = tok(saps, dsap, `Unknown DSAP 0x${hex(dsap, 2)}`);
  const s = tok(saps, ssap, `Unknown SSAP 0x${hex(ssap, 2)}`);
  if (macs === null) p.put(ssap === dsap ? `${d} ` : `${s} > ${d} `);
  else if (ssap === dsap) p.put(`${p.mac(macs.src)} > ${p.mac(macs.dst)} ${d} `);
  else p.put(`${p.mac(macs.src)} ${s} > ${p.mac(macs.dst)} ${d} `);
}

function putControl(p: Printer, unnumbered: boolean, control: number, response: boolean, length: number): void {
  const poll = (control & (unnumbered ? 0x10 : 0x0100)) !== 0;
  const flags = response ? (poll ? 'Final' : 'Response') : poll ? 'Poll' : 'Command';
  if (unnumbered) {
    const cmd = control & ~0x10;
    p.put(`Unnumbered, ${tok(commands, cmd, hex(cmd, 2))}, Flags [${flags}], length ${length}`);
  } else if ((control & 3) === 1) {
    const names = ['Receiver Ready', 'Receiver not Ready', 'Reject', 'unknown'];
    p.put(`Supervisory, ${names[(control >> 2) & 3]}, rcv seq ${control >> 9}, Flags [${flags}], length ${length}`);
  } else
    p.put(
      `Information, send seq ${(control >> 1) & 0x7f}, rcv seq ${control >> 9}, Flags [${flags}], length ${length}`,
    );
}

function printSnap(p: Printer, at: number, length: number, macs: Macs | null): number {
  p.proto = 'snap';
  if (p.o.e) putSaps(p, 0xaa, 0xaa, '03');
  p.need(at + 3, 5);
  const oui = p.u8(at + 3) * 65536 + p.u16(at + 4);
  const pid = p.u16(at + 6);
  if (p.o.e) {
    p.put(`oui ${oui === 0 ? 'Ethernet' : 'Unknown'} (0x${hex(oui, 6)})`);
    p.put(
      `, ${oui === 0 ? 'ethertype' : 'pid'} ${oui === 0 ? tok(ethertypeNames, pid, 'Unknown') : 'Unknown'} (0x${hex(pid, 4)})`,
    );
    p.put(`, length ${length - 8}: `);
  }
  if (oui === 0 && printEthertype(p, pid, at + 8, length - 8)) return 8;
  if (!p.o.e) {
    const what =
      oui === 0 ? `ethertype ${tok(ethertypeNames, pid, 'Unknown')}` : `oui Unknown (0x${hex(oui, 6)}), pid Unknown`;
    if (macs !== null) p.put(`${p.mac(macs.src)} > ${p.mac(macs.dst)} `);
    p.put(`SNAP, ${what} (0x${hex(pid, 4)}), length ${length - 8}: `);
  }
  return -8;
}

const bpduFlags: Tok = [
  [0x01, 'Topology change'],
  [0x02, 'Proposal'],
  [0x10, 'Learn'],
  [0x20, 'Forward'],
  [0x40, 'Agreement'],
  [0x80, 'Topology change ACK'],
];
const stpVersions: Tok = [
  [0, '802.1d'],
  [2, '802.1w'],
  [3, '802.1s'],
  [4, '802.1aq'],
];

function printStp(p: Printer, at: number, length: number): void {
  p.proto = 'stp';
  if (length < 4) return void p.putTrunc();
  const id = p.u16(at);
  if (id !== 0) return void p.put(`unknown STP version, length ${length}`);
  const version = p.u8(at + 2);
  p.put(`STP ${tok(stpVersions, version, `Unknown STP protocol (0x${hex(version, 2)})`)}`);
  const type = p.u8(at + 3);
  if (type === 0x80) return void p.put(', Topology Change');
  if (type !== 0 && type !== 2) return;
  p.put(type === 0 ? ', Config' : ', Rapid STP');
  if (length < 35) return void p.putTrunc();
  const flags = p.u8(at + 4);
  p.put(`, Flags [${bits(bpduFlags, flags, 'none')}]`);
  p.put(`, bridge-id ${bridgeId(p, at + 17)}.${hex(p.u16(at + 25), 4)}, length ${length}`);
  if (p.o.v === 0) return;
  const t = [27, 29, 31, 33].map((o) => (p.u16(at + o) / 256).toFixed(2));
  p.put(`\n\tmessage-age ${t[0]}s, max-age ${t[1]}s, hello-time ${t[2]}s, forwarding-delay ${t[3]}s`);
  p.put(`\n\troot-id ${bridgeId(p, at + 5)}, root-pathcost ${p.u32(at + 13)}`);
  const roles = ['Unknown', 'Alternate', 'Root', 'Designated'];
  if (type === 2) p.put(`, port-role ${roles[(flags >> 2) & 3]}`);
}

function bridgeId(p: Printer, at: number): string {
  const mac: string[] = [];
  for (let i = 2; i < 8; i++) mac.push(hex(p.u8(at + i), 2));
  return `${hex(p.u16(at), 4)}.${mac.join(':')}`;
}
