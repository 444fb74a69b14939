// What can be said of a cell, one code each: whether the traffic arrives, and in a few words what that means. Codes are
// stable: programs read them (--json). docs/plan.md has the same list for people.

export const CODES = {
  'ok-local': { ok: true, means: 'both are in one namespace: it never leaves lo' },
  'ok-software': { ok: true, means: 'handed over inside the kernel; the wire does not see it' },
  'ok-veb': { ok: true, means: "the NIC's embedded switch forwards it" },
  'ok-hairpin': { ok: true, means: 'out to the switch and back by the same port' },
  'ok-wire': { ok: true, means: 'over a cable' },
  'no-address': { ok: false, means: 'the target has no address of that family' },
  'no-source-address': { ok: false, means: 'the sender has no address of that family to send from' },
  'no-route': { ok: false, means: "another subnet, and the sender's routing has no way there" },
  'no-route-back': { ok: false, means: 'it arrives, and the target has no way back' },
  'no-such-neighbour': { ok: false, means: 'nobody has the next hop of the route' },
  'link-down': { ok: false, means: 'a device on the way is down' },
  'no-carrier': { ok: false, means: 'a device on the way has no link' },
  'host-isolation': { ok: false, means: 'a device and the macvlans on it do not hear each other' },
  private: { ok: false, means: 'private mode: siblings do not hear each other' },
  'no-hairpin': { ok: false, means: 'vepa mode, and nothing outside sends the frame back to the port it came from' },
  'mixed-modes': { ok: false, means: 'siblings in modes that do not hear each other' },
  source: { ok: false, means: "source mode: the sender is not on the target's list" },
  nodst: { ok: false, means: 'a source mode macvlan with nodst takes all that its sources send' },
  passthru: { ok: false, means: 'a passthru macvlan takes all that the lower device receives' },
  vlan: { ok: false, means: 'sender and target are in different VLANs' },
  'ipv6-disabled': { ok: false, means: 'disable_ipv6 is set' },
  dad: { ok: false, means: 'the IPv6 address is tentative, or duplicate address detection has failed' },
  'not-forwarded': { ok: false, means: 'the gateway does not forward it' },
  'rp-filter': { ok: false, means: "the target's reverse path filter does not accept the sender on that device" },
  'not-accepted': { ok: false, means: "the target's IP stack did not accept it" },
  'arp-ignored': { ok: false, means: 'the target hears the question and does not answer it (arp_ignore, arp_filter)' },
  'other-answered': { ok: false, means: 'somebody else has the address of the target' },
  'echo-ignored': { ok: false, means: 'the target does not answer echo requests' },
  'queue-stopped': { ok: false, means: 'ENETDOWN: the transmit queue is stopped, and there is no qdisc to wait in' },
  mtu: { ok: false, means: 'it is longer than a device on the way takes' },
  offload: {
    ok: false,
    means: 'macvlan before Linux 4.18 leaves forwarding to the NIC, and that copies no broadcasts to its stations',
  },
  'nic-filter': { ok: false, means: "the NIC's filter does not let it in" },
  switch: { ok: false, means: 'a switch or bridge on the way does not forward it' },
  'cable-loss': { ok: false, means: 'lost on a cable' },
  'no-path': { ok: false, means: 'nothing that the sender reaches leads to the target' },
  'broadcast-queue': { ok: false, means: 'the broadcast queue of the lower device is full' },
  'not-joined': { ok: false, means: 'the target has not joined the group' },
  filtered: { ok: false, means: 'a filter of tc ended it' },
  lost: { ok: false, means: 'it ended for another reason, which the evidence names' },
} as const;

export type Code = keyof typeof CODES;

export function isOk(code: Code): boolean {
  return CODES[code].ok;
}
