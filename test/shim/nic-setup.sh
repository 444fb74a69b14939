# Two NICs on a cable, with macvlans of several modes on the first.
ip link set eth0 up
ip link set eth1 up
ip netns add a
ip link add link eth0 name mv0 address 02:00:00:00:00:0a type macvlan mode bridge
ip link add link eth0 name mv1 address 02:00:00:00:00:0b netns a type macvlan mode vepa
ip link set mv0 up
ip -n a link set mv1 up
sleep 3
