# the outsider takes an address that a macvlan has
# group: 10
ip netns add peer
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01 netns peer
ip -n peer addr add fd00::1/64 dev p1
ip -n peer link set p1 up
ip link set p0 up
ip addr add fd00::10/64 dev p0
ip netns add a
ip link add link p0 name mva address 02:00:00:00:00:0a type macvlan mode bridge
ip link set mva netns a
ip -n a addr add fd00::d/64 dev mva
ip -n a link set mva up
sleep 3
ip -n peer addr add fd00::d/64 dev p1
sleep 3
ip -n a -j -6 addr show mva #? addr
ip -n peer -j -6 addr show p1 #? addr
ip netns exec a ping -6 -c 2 -i 0.2 -W 1 fd00::1 #? ping
ip netns exec peer ping -6 -c 2 -i 0.2 -W 1 fd00::d #? ping
