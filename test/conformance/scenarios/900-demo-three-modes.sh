# the demo with three modes, sudo and ifconfig, one after the other
# group: 1
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
# wire: p0 is the NIC of this host, p1 the NIC of the machine at the other end of the cable (netns peer)
ip netns add peer
ip netns exec peer sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01 netns peer
ip -n peer addr add 192.168.0.1/24 dev p1
ip -n peer link set p1 up
ip link set p0 up
for mode in private vepa bridge; do
  sudo ip netns add n1
  sudo ip netns add n2
  sudo ip link add link p0 m1 address 02:00:00:00:00:0a type macvlan mode $mode
  sudo ip link add link p0 m2 address 02:00:00:00:00:0b type macvlan mode $mode
  sudo ip link set m1 netns n1
  sudo ip link set m2 netns n2
  sudo ip netns exec n1 ifconfig m1 192.168.0.11 netmask 255.255.255.0 up
  sudo ip netns exec n2 ifconfig m2 192.168.0.12/24 up
  sudo ip netns exec n1 ping -c 1 -W 1 192.168.0.12 #? ping
  sudo ip netns exec n2 ping -c 1 -W 1 192.168.0.1 #? ping
  sudo ip netns exec n1 ip -j -d link show m1 #? link
  sudo ip netns exec n1 ip -j neigh #? neigh
  sudo ip netns exec n1 ip link del m1
  sudo ip netns del n1
  sudo ip netns exec n2 ip link del m2
  sudo ip netns del n2
  sleep 0.5
  ip -j -d link show p0 #? link
done
ip netns list #? text
