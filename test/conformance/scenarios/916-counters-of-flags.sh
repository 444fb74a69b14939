# promisc and allmulticast on macvlans of every mode and what the NIC counts
# group: 9
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 index 20 address 02:00:00:00:00:f0 type veth peer name p1 index 21 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
for mode in private vepa bridge source passthru; do
  ip link add link p0 name m1 address 02:00:00:00:00:0a type macvlan mode $mode
  ip -j -d link show p0 #? link
  ip link set m1 up
  ip -j -d link show p0 #? link
  ip link set m1 promisc on #? ok
  ip -j -d link show p0 #? link
  ip link set m1 allmulticast on #? ok
  ip -j -d link show p0 #? link
  ip link set m1 down
  ip -j -d link show p0 #? link
  ip link set m1 up
  ip -j -d link show m1 #? link
  ip link set m1 promisc off allmulticast off #? ok
  ip -j -d link show p0 #? link
  ip link set m1 multicast off #? ok
  ip -j -d link show m1 #? link
  ip link del m1
  ip -j -d link show p0 #? link
done
