// Words that no command expects, in every place of a command line: the answer is a message, never a stack.

import { expect, test } from 'vitest';
import { createModel, type LabSession, openSession, parseMachine, runScript } from '../../src/index.ts';

/** One command line each; every word but the first is replaced in turn. */
const LINES = `
ip link add d0 type dummy
ip link add m0 link eth0 address 02:00:00:00:00:01 mtu 1400 txqueuelen 10 numtxqueues 1 type macvlan mode source macaddr set 02:00:00:00:00:02
ip link add v0 type veth peer name v1 netns x mtu 1400
ip link add br0 type bridge stp_state 0 ageing_time 100 vlan_filtering 1 forward_delay 0
ip link add link eth0 name vl type vlan protocol 802.1Q id 5 reorder_hdr on loose_binding on egress 1:2 ingress 3:4
ip link add bo type bond mode active-backup miimon 100 updelay 0 primary eth0 fail_over_mac active
ip link set dev eth0 up alias foo mtu 1500 arp on promisc on multicast on allmulticast off group 5 address 02:00:00:00:00:09
ip link set v0 master br0 type bridge_slave hairpin on learning off cost 5 priority 3 state 3
ip link set m0 netns x name y
ip link property add dev eth0 altname foo
ip -d -s -j link show dev eth0 up master br0 type macvlan group default
ip addr add 10.0.0.1/24 peer 10.0.0.2 broadcast + dev eth0 label eth0:1 scope link valid_lft 10 preferred_lft 5 metric 5 noprefixroute
ip -6 addr add fd00::1/64 dev eth0 nodad home mngtmpaddr
ip addr show dev eth0 scope global to 10.0.0.0/8 label eth0 dynamic tentative
ip addr flush dev eth0 scope link
ip route add 10.1.0.0/16 via inet 10.0.0.2 dev eth0 src 10.0.0.1 metric 5 table main proto static scope link mtu 1400 advmss 1000 onlink
ip route add unicast default nexthop via 10.0.0.2 dev eth0 weight 1 nexthop via 10.0.0.3 weight 2
ip -6 route add fd01::/64 via fd00::2 dev eth0 pref high expires 5 
ip route get 10.0.0.9 from 10.0.0.1 iif eth0 oif eth0 mark 1 tos 4 vrf a uid 5 ipproto tcp sport 1 dport 2
ip route show table all type local root 10.0.0.0/8 match 10.0.0.0/8 exact 10.0.0.0/8 dev eth0 scope link proto kernel via 10.0.0.2
ip rule add from 10.0.0.0/8 to 10.1.0.0/16 iif eth0 oif eth0 tos 4 fwmark 1/0xff table 100 pref 5 goto 7 ipproto tcp sport 1-5 dport 6 uidrange 1-5 suppress_prefixlength 0
ip neigh add 10.0.0.5 lladdr 02:00:00:00:00:05 dev eth0 nud permanent router proxy
ip neigh show dev eth0 nud stale to 10.0.0.0/8
ip neigh flush dev eth0 nud all
ip netns add n1
ip netns exec n1 ip link
ip netns set n1 5
ip netns identify 1
ip netns pids n1
ip netconf show dev eth0
ip maddress add 33:33:00:00:00:05 dev eth0
ip -n x -br -o -4 -c=auto link
ip -family inet addr
ip help link
bridge link set dev v0 hairpin on learning off flood on mcast_flood off guard on root_block off cost 4 priority 5 state 3 hwmode veb self
bridge fdb add 02:00:00:00:00:07 dev eth0 self permanent vlan 5 dst 10.0.0.1
bridge fdb show br br0 brport v0 dev eth0 state permanent dynamic
bridge vlan add dev v0 vid 5-6 pvid untagged self master
bridge vlan show dev v0 vid 5
tc qdisc add dev eth0 root handle 1: tbf rate 1mbit burst 10k latency 50ms peakrate 2mbit mtu 1500
tc qdisc replace dev eth0 parent 1: handle 2: fq_codel limit 100 flows 64 target 5ms interval 100ms quantum 300 ce_threshold 1ms memory_limit 1m drop_batch 5 noecn
tc qdisc add dev eth0 root handle 1: prio bands 3 priomap 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1
tc qdisc add dev eth0 root pfifo limit 10
tc qdisc show dev eth0 root ingress invisible
tc qdisc add dev eth0 clsact
tc filter add dev eth0 egress protocol ip pref 5 handle 1 u32 match ip src 10.0.0.0/8 match u32 0 0 at 4 match ip dport 5 0xffff action gact drop
tc filter add dev eth0 ingress matchall action mirred egress redirect dev eth0
tc filter add dev eth0 parent 1: prio 5 matchall classid 1:1 action skbedit queue_mapping 1 priority 1:2 mark 5
tc class show dev eth0 parent 1: classid 1:1
tc -s -d -j monitor
ethtool -K eth0 tso on gso off l2-fwd-offload on
ethtool -L eth0 combined 2 rx 1
ethtool -G eth0 rx 128 tx 256
ethtool -C eth0 rx-usecs 5 adaptive-rx on
ethtool -X eth0 equal 2 weight 1 1 hkey 00:11
ethtool -s eth0 speed 1000 duplex full autoneg on port tp
ethtool -N eth0 flow-type ether dst 02:00:00:00:00:01 action 1
ethtool --set-priv-flags eth0 vf on
ethtool -S eth0 
ethtool --json -k eth0
ping -c 1 -i 0.2 -W 1 -w 1 -s 10 -I eth0 -t 5 -Q 4 -p ff -M do -l 3 -m 5 -q 127.0.0.1
ping -6 -c 1 -I lo -F 5 ::1
arping -c 1 -w 1 -I eth0 -s 10.0.0.1 -D -U -A 10.0.0.2
ifconfig eth0 10.0.0.3 netmask 255.255.0.0 broadcast 10.0.255.255 mtu 1400 metric 1 hw ether 02:00:00:00:00:44 up txqueuelen 5
ifconfig eth0:1 add fd00::5/64 del fd00::5/64 tunnel promisc -arp pointopoint 10.0.0.9
route add -net 10.9.0.0 netmask 255.255.0.0 gw 10.0.0.2 metric 4 mss 500 window 5 irtt 5 reject mod dyn dev eth0
route -A inet6 add fd09::/64 gw fd00::9 metric 4 dev eth0
route -n -e -A inet
arp -i eth0 -s 10.0.0.6 02:00:00:00:00:06 temp pub netmask 255.255.255.255
arp -n -v -a -d 10.0.0.6 -H ether -A inet
ss -t -u -n -a -l -o state established dport = :22 and src 10.0.0.0/8 or not sport 5
ss -f inet -A tcp -H -i
nstat -a -s -z -n --json Tcp*
dmesg -l err -n 5 -w -T -r -J -f kern
sysctl -w -n -e -q net.ipv4.ip_forward=1 net.ipv4.conf.eth0.rp_filter=1
sysctl -a -r rp -b -N -p f
trace -e icmp -c 1 -w 1s ping -c 1 127.0.0.1
flood -t 1s -r 1000 -s 10 -p 5 -n 5 -w 4 --json 127.0.0.1
frame eth0 ffffffffffff0200000000010806
tcpdump -c 1 -i eth0 -n -e -s 96 -w /tmp/f -Z root -y EN10MB -Q in host 10.0.0.1 and port 5
tcpdump -r /tmp/f -tt -vv -x -A ip proto tcp or ether host 02:00:00:00:00:01 or net 10.0.0.0 mask 255.0.0.0 or tcp[13] & 2 != 0 or vlan 5 or portrange 1-5 or greater 5
timeout -s TERM -k 1 --preserve-status --foreground 1 sleep 1
sleep 0.1s 1ms
date -u -d @5 -I seconds --rfc-3339=ns -r /etc/hosts +%s
nc -u -v -z -w 1 -p 5 -s 10.0.0.1 -T critical -i 1 -q 1 127.0.0.1 5-6
iperf3 -c 127.0.0.1 -t 1 -n 1K -b 1M -l 100 -P 1 -w 5K -M 500 -C cubic -N -B 10.0.0.1 -p 5 -i 1 -f m -J -R --bidir -u
curl -s -o /tmp/o -m 1 -w %{http_code}%{time_total} -X GET -d a=b -H A:b --retry 1 --interface eth0 http://127.0.0.1:5/a
kill -s TERM -0 1
trap - INT
set -o pipefail
ps -e -o pid
hostname -f x
uname -a
id -u root
lsmod x
modprobe macvlan a=b
mount -t proc proc /proc
lowerdev offload --json
`
  .trim()
  .split('\n');

const machine = parseMachine(
  'nics: { eth0: { profile: ixgbe }, eth1: {} }\ncables: [ { between: [eth0, eth1] } ]',
  'machine.yaml',
);

async function machineWithNamespace(): Promise<LabSession> {
  const session = openSession(createModel({ seed: 1, machine }));
  await session.run('ip netns add x');
  return session;
}

test.each(['constructor', '-1', '99999999999999999999'])('%s where anything else is meant', async (odd) => {
  const session = await machineWithNamespace();
  const broken: string[] = [];
  for (const line of LINES) {
    const words = line.split(' ');
    for (let i = 1; i < words.length; i++) {
      const text = [...words.slice(0, i), `'${odd}'`, ...words.slice(i + 1)].join(' ');
      await session.runLine(`timeout 3 ${text}`).catch((error: Error) => broken.push(`${text}: ${error.message}`));
      if (session.failure !== null) broken.push(`${text}: ${session.failure}`);
    }
  }
  expect(broken).toEqual([]);
});

test.each([
  [`tcpdump -i lo "$(printf '(%.0s' {1..9000})"`, 'more than 2000 words'],
  [`tcpdump -i lo "$(printf 'not %.0s' {1..9000}) icmp"`, 'more than 2000 words'],
  [`tcpdump -i lo "icmp$(printf ' or icmp%.0s' {1..9000})"`, 'more than 2000 words'],
  [`ss "$(printf '( %.0s' {1..9000})"`, 'more than 2000 words'],
  [`trace -e "$(printf '(%.0s' {1..9000})" true`, 'more than 2000 words'],
])('%s', async (text, message) => {
  const { stderr } = await runScript(text);
  expect(stderr).toContain(message);
});

test.each([
  ["echo 'source /tmp/a' >/tmp/a; source /tmp/a", 'source within source, 400 deep'],
  [`x='eval "$x"'; eval "$x"`, 'eval within eval, 400 deep'],
])('%s ends', async (text, failure) => {
  expect(await runScript(text)).toMatchObject({ exitCode: 4, failure });
});

test('numbers that do not fit are cut or refused as the tools do it', async () => {
  const script = `
    ip link add v0 type veth peer name v1; ip link set v0 up; ip addr add 10.0.0.1/24 dev v0
    ip rule add pref 5 sport 99999999999999999999 table 100
    route add -net 10.9.0.0 netmask 255.255.0.0 gw 10.0.0.2 metric 4294967296
    route add -net 10.8.0.0 netmask 255.255.0.0 gw 10.0.0.2 metric 99999999999999999999
    route add -net 10.4.0.0 netmask 255.255.0.0 gw 10.0.0.2 metric 1e400
    route add -net 10.5.0.0 netmask 255.255.0.0 gw 10.0.0.2 mss 5 2>&1 | head -1
    ip route | sort; sysctl -a -r '(' | wc -l; nstat -a '[x' | wc -l
    ifconfig v0 mtu -1; tc qdisc replace dev v0 parent 4294967296 pfifo; curl http://127.0.0.1:99999/; tcpdump -c 3000000000 -i lo`;
  const { stdout, stderr } = await runScript(script);
  expect(stdout).toBe(`route: Invalid MSS/MTU.
10.0.0.0/24 dev v0 proto kernel scope link src 10.0.0.1 linkdown 
10.4.0.0/16 via 10.0.0.2 dev v0 metric 1 linkdown 
10.8.0.0/16 via 10.0.0.2 dev v0 linkdown 
10.9.0.0/16 via 10.0.0.2 dev v0 linkdown 
0
1
`);
  expect(stderr).toBe(`Error: Invalid sport range.
SIOCSIFMTU: Invalid argument
Error: Failed to find specified qdisc.
curl: (3) URL using bad/illegal format or missing URL
tcpdump: invalid packet count 3000000000
`);
});
