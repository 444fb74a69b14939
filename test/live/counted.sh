# What IP counts: ECN, broadcasts and multicasts that come back to their sender, forwarding, and what nstat remembers.
quiet="net.ipv4.igmp_link_local_mcast_reports=0 net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1"
ns() { ip netns add $1; ip netns exec $1 sysctl -qw $quiet; ip -n $1 link set lo up; }
sysctl -qw $quiet
ns peer
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:f1 netns peer
ip link set p0 up
ip -n peer link set p1 up
ip -n peer addr add 10.0.0.254/24 dev p1
ip -n peer neigh add 10.0.0.1 lladdr 02:00:00:00:00:01 dev p1
ip -n peer neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev p1
for i in 1 2; do
  ns n$i
  ip link add link p0 name m0 netns n$i address 02:00:00:00:00:0$i type macvlan mode bridge
  ip -n n$i link set m0 up
  ip -n n$i addr add 10.0.0.$i/24 brd + dev m0
  ip -n n$i neigh replace 10.0.0.$((3 - i)) lladdr 02:00:00:00:00:0$((3 - i)) dev m0
  ip -n n$i neigh add 10.0.0.254 lladdr 02:00:00:00:00:f1 dev m0
done
sent() {
  echo "\$ ping $*"
  ip netns exec n1 ping -n -q -c 1 -W 0.2 "$@" > /dev/null 2>&1
  for n in n1 n2 peer; do
    echo "# $n" $(ip netns exec $n nstat -a 'Ip[EIO]*' 'IcmpMsg*' | sed -n 's/^\([A-Z][^ ]*\) *\([0-9]*\) .*/\1=\2/p')
  done
}
sent -b 10.0.0.255
sent -I m0 224.0.0.1
sent -L -I m0 224.0.0.1
sent -Q 1 10.0.0.2
sent -Q 2 10.0.0.254
sent -Q 3 10.0.0.254
sent -s 4000 10.0.0.254
sent 10.0.0.1
sent 11.0.0.1
ip -n n1 route add 11.0.0.0/8 via 10.0.0.2
sent 11.0.0.1
ip netns exec n2 sysctl -qw net.ipv4.ip_forward=1
ip -n n2 route add 11.0.0.0/8 via 10.0.0.254
sent 11.0.0.1
ip netns exec n2 sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0
sent -b 10.0.0.255

# Its memory is one file for all namespaces: what is less than there was is left out.
export NSTAT_HISTORY=$PWD/history
ip netns exec n1 nstat -n
ip netns exec n2 nstat -s -z 'Icmp*Echos' IpForwDatagrams IpOutRequests
ip netns exec n2 nstat -s 'Icmp*Echos' IpForwDatagrams IpOutRequests
