// TUN and TAP devices, as `ip -d link` prints them. iproute2: ip/iplink.c's kinds, ip/iptuntap.c, print_opt().

import type { LinkInfo } from '../../../uapi/linkinfo.ts';
import type { Ip } from './context.ts';

export function printTun(ip: Ip, data: NonNullable<LinkInfo['data']>): void {
  const { out } = ip;
  const onOff = (key: string, value: number | undefined): void => {
    if (value === undefined) return;
    out.value(key, value !== 0);
    out.text(`${key} ${value !== 0 ? 'on' : 'off'} `);
  };
  if (data.type !== undefined) {
    const type = data.type === 1 ? 'tun' : data.type === 2 ? 'tap' : 'UNKNOWN';
    out.any('type', type, `type ${type} `);
  }
  onOff('pi', data.pi);
  onOff('vnet_hdr', data.vnetHdr);
  const multi = data.multiQueue !== undefined && data.multiQueue !== 0;
  if (multi) {
    out.any('numqueues', data.numQueues ?? 0, `numqueues ${data.numQueues ?? 0} `);
    out.any('numdisabled', data.numDisabledQueues ?? 0, `numdisabled ${data.numDisabledQueues ?? 0} `);
  } else if (data.multiQueue !== undefined) out.value('multi_queue', false);
  onOff('persist', data.persist);
  if (data.owner !== undefined) out.any('user', data.owner, `user ${data.owner} `);
  if (data.group !== undefined) out.any('group', data.group, `group ${data.group} `);
}
