// The scripts that set what DHCP clients are told, and what they find in their environment. They are files of the machine:
// a script can read them, change them, or name others with -s. They do what Debian's do to addresses, routes and resolv.conf.

import { formatIp4 } from '../../../uapi/format.ts';
import { type DhcpMessage, OPT_SUBNET } from '../../../wire/dhcp.ts';
import { optionVariable } from './options.ts';

export const udhcpcScript = `#!/bin/sh
# What udhcpc is told: address, mask, MTU, default route, name servers.
case $1 in
deconfig)
	ip link set $interface up
	ip -4 addr flush dev $interface
	ip -4 route flush dev $interface
	;;
bound | renew)
	ifconfig $interface \${mtu:+mtu $mtu} $ip \${subnet:+netmask $subnet} \${broadcast:+broadcast $broadcast}
	old=$(ip -4 route show dev $interface | awk '$1 == "default" { print $3 }')
	new=\${router%% *}
	[ "$new" = "$old" ] || ip -4 route flush exact 0.0.0.0/0 dev $interface
	if [ -n "$new" ] && [ "$new" != "$old" ]; then
		ip -4 route add default via $new dev $interface
	fi
	{
		[ -z "$domain" ] || echo "domain $domain"
		for server in $dns; do echo "nameserver $server"; done
	} >/etc/resolv.conf
	;;
esac
`;

export const dhclientScript = `#!/bin/sh
# What dhclient is told: address, mask, MTU, default route, name servers.
case $reason in
PREINIT)
	ip link set dev $interface up
	;;
BOUND | RENEW | REBIND | REBOOT)
	if [ -n "$old_ip_address" ] && [ "$old_ip_address" != "$new_ip_address" ]; then
		ip -4 addr flush dev $interface label $interface
	fi
	how=change
	case $reason in
	BOUND | REBOOT) how=add ;;
	*) [ "$old_ip_address" = "$new_ip_address" ] || how=add ;;
	esac
	ip -4 addr $how $new_ip_address\${new_subnet_mask:+/$new_subnet_mask} \\
		\${new_broadcast_address:+broadcast $new_broadcast_address} \\
		\${new_dhcp_lease_time:+valid_lft $new_dhcp_lease_time preferred_lft $new_dhcp_lease_time} \\
		dev $interface label $interface
	if [ $how = add ]; then
		[ "\${new_interface_mtu:-0}" -le 576 ] || ip link set dev $interface mtu $new_interface_mtu
		for router in $new_routers; do
			ip -4 route add default via $router dev $interface >/dev/null 2>&1
		done
	fi
	{
		[ -z "$new_domain_name" ] || printf 'domain %s\\nsearch %s\\n' "\${new_domain_name%% *}" "$new_domain_name"
		for server in $new_domain_name_servers; do echo "nameserver $server"; done
	} >/etc/resolv.conf
	;;
EXPIRE | FAIL | RELEASE | STOP)
	[ -z "$old_ip_address" ] || ip -4 addr flush dev $interface label $interface
	;;
esac
exit 0
`;

/** As Debian's has it. */
export const dhclientConfig = `option rfc3442-classless-static-routes code 121 = array of unsigned integer 8;
send host-name = gethostname();
request subnet-mask, broadcast-address, time-offset, routers, domain-name, domain-name-servers, domain-search,
	host-name, netbios-name-servers, netbios-scope, interface-mtu, rfc3442-classless-static-routes, ntp-servers;
`;

/** The environment of udhcpc's script. Linux tool: fill_envp(). */
export function scriptVariables(device: string, m: DhcpMessage | null): Record<string, string> {
  const out: Record<string, string> = { interface: device };
  if (m === null) return out;
  for (const option of m.options) {
    const [name, value] = optionVariable(option);
    out[name] = value;
    if (option.code === OPT_SUBNET && option.data.length === 4) {
      out.mask = String(option.data.reduce((n, b) => n + b.toString(2).replace(/0/g, '').length, 0));
    }
  }
  out.ip = formatIp4(m.yiaddr);
  if (m.siaddr !== 0) out.siaddr = formatIp4(m.siaddr);
  if (m.giaddr !== 0) out.giaddr = formatIp4(m.giaddr);
  if (m.file !== '') out.boot_file = m.file;
  if (m.sname !== '') out.sname = m.sname;
  return out;
}
