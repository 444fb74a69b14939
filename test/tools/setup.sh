# Both kernels begin like this: v0 (10.0.0.1) is cabled to v1 (10.0.0.2) in netns peer; m0 on v0, br0 and lo beside it.
ip netns add peer
for all in all default; do
  knob=/proc/sys/net/ipv6/conf/$all/disable_ipv6
  test -e $knob && echo 1 > $knob && ip netns exec peer sh -c "echo 1 > $knob"
done
ip link set lo up
ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02
ip link set v1 netns peer
ip addr add 10.0.0.1/24 brd + dev v0
ip link set v0 up
ip -n peer addr add 10.0.0.2/24 brd + dev v1
ip -n peer link set v1 up
ip -n peer link set lo up
ip link add link v0 name m0 address 02:00:00:00:00:10 type macvlan mode bridge
ip link add br0 address 02:00:00:00:00:20 type bridge
sleep 1.5
