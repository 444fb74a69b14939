# two macvlans in one namespace and one subnet: who answers ARP
# group: 8
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
# wire: p0 is the NIC of this host, p1 the NIC of the machine at the other end of the cable (netns peer)
ip netns add peer
ip netns exec peer sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01 netns peer
ip -n peer addr add 192.168.0.1/24 dev p1
ip -n peer link set p1 up
ip link set p0 up
ip netns add a
ip netns exec a sysctl -qw net.ipv6.conf.all.disable_ipv6=1
for i in 1 2; do
  ip link add link p0 name m$i address 02:00:00:00:00:1$i netns a type macvlan mode bridge
  ip -n a addr add 192.168.0.2$i/24 dev m$i
  ip -n a link set m$i up
done
ip -n a -j route #? route
ip netns exec peer ping -q -c 1 -W 1 192.168.0.22 #? ping
ip netns exec peer arping -q -c 1 -w 2 -I p1 192.168.0.22 #? rc
ip netns exec a sysctl -w net.ipv4.conf.all.arp_ignore=1 #? text
ip -n peer neigh flush all
ip netns exec peer ping -q -c 1 -W 1 192.168.0.22 #? ping
ip -n peer -j neigh #? neigh
ip netns exec a sysctl -w net.ipv4.conf.all.arp_announce=2 #? text
ip netns exec a ping -q -c 1 -W 1 -I 192.168.0.22 192.168.0.1 #? ping
ip netns exec a ping -q -c 1 -W 1 -I m2 192.168.0.1 #? ping
ip -n a -j neigh #? neigh
ip netns exec a ping -q -c 1 -W 1 -I m1 192.168.0.22 #? ping
ip netns exec a ip route get 192.168.0.1 #? text
ip netns exec a ip route get 192.168.0.1 oif m2 #? text
ip netns exec a ip route get 192.168.0.22 #? text
ip netns exec a sysctl -w net.ipv4.conf.all.arp_ignore=8 #? text
ip -n peer neigh flush all
ip netns exec peer ping -q -c 1 -W 1 192.168.0.22 #? ping
ip netns exec a sysctl -w net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.m1.arp_ignore=2 net.ipv4.conf.m2.arp_ignore=2 #? text
ip -n peer neigh flush all
ip netns exec peer ping -q -c 1 -W 1 192.168.0.21 #? ping
ip -n peer -j neigh #? neigh
ip -n a link set m1 arp off #? ok
ip -n a -j link show m1 #? link
ip -n a neigh flush all
ip netns exec a ping -q -c 1 -W 1 -I m1 192.168.0.1 #? ping
