// Names that tcpdump prints and that its filters accept: ethertypes, IP protocols, services, vendors.
// tcpdump: print-ether.c, ipproto.c, oui.c; services: the ones that labs meet, as in /etc/services.

import type { Tok } from './printer.ts';

export const ethertypeNames: Tok = [
  [0x0800, 'IPv4'],
  [0x8847, 'MPLS unicast'],
  [0x8848, 'MPLS multicast'],
  [0x86dd, 'IPv6'],
  [0x8100, '802.1Q'],
  [0x9100, '802.1Q-9100'],
  [0x88a8, '802.1Q-QinQ'],
  [0x9200, '802.1Q-9200'],
  [0x88e5, '802.1AE MACsec'],
  [0x0200, 'PUP'],
  [0x0806, 'ARP'],
  [0x8035, 'Reverse ARP'],
  [0x0600, 'NS'],
  [0x0500, 'Sprite'],
  [0x1000, 'Trail'],
  [0x6001, 'MOP DL'],
  [0x6002, 'MOP RC'],
  [0x6003, 'DN'],
  [0x6004, 'LAT'],
  [0x6007, 'SCA'],
  [0x6558, 'TEB'],
  [0x8038, 'Lanbridge'],
  [0x803c, 'DEC DNS'],
  [0x803e, 'DEC DTS'],
  [0x805b, 'VEXP'],
  [0x805c, 'VPROD'],
  [0x809b, 'Appletalk'],
  [0x80f3, 'Appletalk ARP'],
  [0x8137, 'IPX'],
  [0x880b, 'PPP'],
  [0x8808, 'MPCP'],
  [0x8809, 'Slow Protocols'],
  [0x8863, 'PPPoE D'],
  [0x8864, 'PPPoE S'],
  [0x888e, 'EAPOL'],
  [0x8899, 'RRCP'],
  [0x886f, 'MS NLB heartbeat'],
  [0x8870, 'Jumbo'],
  [0x894f, 'NSH'],
  [0x9000, 'Loopback'],
  [0x00fe, 'OSI'],
  [0x8902, 'CFM'],
  [0x893a, 'IEEE1905.1'],
  [0x88cc, 'LLDP'],
  [0x88ca, 'TIPC'],
  [0x88a2, 'AoE'],
  [0xdada, 'MEDSA'],
];

/** `proto UDP (17)` in verbose lines. */
export const ipprotoNames: Tok = [
  [0, 'Options'],
  [1, 'ICMP'],
  [2, 'IGMP'],
  [4, 'IPIP'],
  [6, 'TCP'],
  [8, 'EGP'],
  [9, 'IGRP'],
  [17, 'UDP'],
  [33, 'DCCP'],
  [41, 'IPv6'],
  [43, 'Routing'],
  [44, 'Fragment'],
  [46, 'RSVP'],
  [47, 'GRE'],
  [50, 'ESP'],
  [51, 'AH'],
  [55, 'Mobile IP'],
  [58, 'ICMPv6'],
  [88, 'EIGRP'],
  [89, 'OSPF'],
  [103, 'PIM'],
  [108, 'Compressed IP'],
  [112, 'VRRP'],
  [113, 'PGM'],
  [132, 'SCTP'],
  [135, 'Mobility'],
];

/** /etc/protocols, for fragments and unknown protocols without -n, and for `ip proto NAME`. */
const protocolNames: Tok = [
  [0, 'ip'],
  [1, 'icmp'],
  [2, 'igmp'],
  [3, 'ggp'],
  [4, 'ipencap'],
  [6, 'tcp'],
  [8, 'egp'],
  [9, 'igp'],
  [12, 'pup'],
  [17, 'udp'],
  [33, 'dccp'],
  [41, 'ipv6'],
  [43, 'ipv6-route'],
  [44, 'ipv6-frag'],
  [46, 'rsvp'],
  [47, 'gre'],
  [50, 'esp'],
  [51, 'ah'],
  [58, 'ipv6-icmp'],
  [59, 'ipv6-nonxt'],
  [60, 'ipv6-opts'],
  [88, 'eigrp'],
  [89, 'ospf'],
  [103, 'pim'],
  [112, 'vrrp'],
  [115, 'l2tp'],
  [132, 'sctp'],
  [135, 'mobility-header'],
  [136, 'udplite'],
];

export function protocolName(proto: number): string | null {
  for (const [v, name] of protocolNames) if (v === proto) return name;
  return null;
}

export function protocolNumber(name: string): number {
  for (const [v, n] of protocolNames) if (n === name) return v;
  return -1;
}

const services: ReadonlyArray<readonly [string, number, 'tcp' | 'udp' | 'both']> = [
  ['tcpmux', 1, 'tcp'],
  ['echo', 7, 'both'],
  ['discard', 9, 'both'],
  ['systat', 11, 'tcp'],
  ['daytime', 13, 'both'],
  ['netstat', 15, 'tcp'],
  ['qotd', 17, 'tcp'],
  ['chargen', 19, 'both'],
  ['ftp-data', 20, 'tcp'],
  ['ftp', 21, 'tcp'],
  ['ssh', 22, 'tcp'],
  ['telnet', 23, 'tcp'],
  ['smtp', 25, 'tcp'],
  ['time', 37, 'both'],
  ['whois', 43, 'tcp'],
  ['tacacs', 49, 'both'],
  ['domain', 53, 'both'],
  ['bootps', 67, 'udp'],
  ['bootpc', 68, 'udp'],
  ['tftp', 69, 'udp'],
  ['gopher', 70, 'tcp'],
  ['finger', 79, 'tcp'],
  ['http', 80, 'tcp'],
  ['kerberos', 88, 'both'],
  ['pop3', 110, 'tcp'],
  ['sunrpc', 111, 'both'],
  ['ntp', 123, 'udp'],
  ['netbios-ns', 137, 'udp'],
  ['netbios-dgm', 138, 'udp'],
  ['netbios-ssn', 139, 'tcp'],
  ['imap2', 143, 'tcp'],
  ['snmp', 161, 'both'],
  ['snmp-trap', 162, 'both'],
  ['bgp', 179, 'tcp'],
  ['ldap', 389, 'both'],
  ['https', 443, 'both'],
  ['microsoft-ds', 445, 'both'],
  ['isakmp', 500, 'udp'],
  ['syslog', 514, 'udp'],
  ['shell', 514, 'tcp'],
  ['printer', 515, 'tcp'],
  ['route', 520, 'udp'],
  ['dhcpv6-client', 546, 'udp'],
  ['dhcpv6-server', 547, 'udp'],
  ['submission', 587, 'tcp'],
  ['ldaps', 636, 'both'],
  ['domain-s', 853, 'both'],
  ['rsync', 873, 'tcp'],
  ['imaps', 993, 'tcp'],
  ['pop3s', 995, 'tcp'],
  ['socks', 1080, 'tcp'],
  ['openvpn', 1194, 'both'],
  ['l2f', 1701, 'udp'],
  ['radius', 1812, 'both'],
  ['radius-acct', 1813, 'both'],
  ['nfs', 2049, 'both'],
  ['mysql', 3306, 'tcp'],
  ['iperf', 5001, 'tcp'],
  ['sip', 5060, 'both'],
  ['mdns', 5353, 'udp'],
  ['postgresql', 5432, 'tcp'],
  ['x11', 6000, 'tcp'],
  ['http-alt', 8080, 'both'],
];

export function serviceName(proto: 'tcp' | 'udp', port: number): string | null {
  for (const [name, p, on] of services) if (p === port && (on === proto || on === 'both')) return name;
  return null;
}

/** The port of a service and where it is known, or null. */
export function servicePort(name: string): { port: number; on: 'tcp' | 'udp' | 'both' } | null {
  for (const [n, port, on] of services) if (n === name) return { port, on };
  return null;
}

const ouis: Tok = [
  [0x000000, 'Ethernet'],
  [0x00000c, 'Cisco'],
  [0x00005e, 'IANA'],
  [0x000142, 'Cisco'],
  [0x0000f8, 'Cisco'],
  [0x00e02b, 'Extreme Networks'],
  [0x009069, 'Juniper Networks'],
  [0x080007, 'Appletalk'],
  [0x005043, 'Marvell'],
  [0x0080c2, '802.1 Bridged'],
  [0x00120f, 'IEEE 802.3 Private'],
  [0x0012bb, 'ANSI/TIA'],
  [0x0004ea, 'Hewlett Packard'],
  [0x000ecf, 'PROFIBUS and PROFINET'],
  [0x00000d, 'FIBRONICS'],
];

export function ouiName(oui: number): string {
  for (const [v, name] of ouis) if (v === oui) return name;
  return 'Unknown';
}
