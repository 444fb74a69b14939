// Requests per second that the model answers over netlink: a macvlan made, configured and deleted, and the dump of 1,000.

import type { NlClient } from '../../src/netlink/client.ts';
import { payload } from '../../src/netlink/message.ts';
import { IFINFOMSG } from '../../src/uapi/ifla.ts';
import { IFF_UP, IFLA } from '../../src/uapi/link.ts';
import { MACVLAN_MODE_BRIDGE } from '../../src/uapi/linkinfo.ts';
import { RTM_DELLINK, RTM_NEWLINK } from '../../src/uapi/msgtype.ts';
import { type Bench, seconds } from '../harness.ts';
import { BenchLab } from '../lab.ts';

const LINK = payload(IFINFOMSG, IFLA);

export const netlink: Bench = {
  name: 'model-netlink',
  what: 'create, set up and delete macvlans, one request each',
  unit: 'requests/s',
  better: 'higher',
  prepare(scale) {
    const count = Math.max(10, Math.round(1000 * scale));
    const lab = new BenchLab();
    const peer = lab.netns('peer');
    lab.addVeth(lab.host, 'eth0', peer, 'eth0');
    lab.setUp(lab.host, 'eth0');
    lab.setUp(peer, 'eth0');
    const client: NlClient = lab.client(lab.host);
    const round = (): void => {
      for (let i = 0; i < count; i++) lab.addMacvlan(lab.host, 'eth0', `mv${i}`, MACVLAN_MODE_BRIDGE, lab.host);
      for (let i = 0; i < count; i++) {
        client.request(LINK, RTM_NEWLINK, 0, { flags: IFF_UP, change: IFF_UP }, { ifname: `mv${i}` });
      }
      for (let i = 0; i < count; i++) client.request(LINK, RTM_DELLINK, 0, {}, { ifname: `mv${i}` });
      lab.run(1e9);
    };
    // addMacvlan also asks for the index of eth0: four requests for each macvlan.
    return { value: () => (4 * count) / seconds(round), baseline: null, close: () => lab.close() };
  },
};
