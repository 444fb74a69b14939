# features of the NIC and of its macvlans: what follows, what is fixed, what is refused
# group: 12
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 index 20 address 02:00:00:00:00:f0 type veth peer name p1 index 21 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
ip link add link p0 name m1 address 02:00:00:00:00:0a type macvlan mode bridge
ip link add link p0 name t1 address 02:00:00:00:00:0b type macvtap mode bridge
ip link add br0 type bridge
ethtool -k m1 #? ethtool
ethtool -k t1 #? ethtool
ethtool -K p0 tx off #? text
ethtool -k p0 #? ethtool
ethtool -k m1 #? ethtool
ethtool -K p0 tx on sg off #? text
ethtool -k p0 #? ethtool
ethtool -k m1 #? ethtool
ethtool -K p0 sg on tso off gso off gro on #? text
ethtool -k m1 #? ethtool
ethtool -K m1 tso off #? text
ethtool -K m1 sg off #? text
ethtool -K m1 gro on #? text
ethtool -K m1 lro on #? text
ethtool -K m1 tx-udp-segmentation off #? text
ethtool -k m1 #? ethtool
ethtool -K p0 l2-fwd-offload on #? text
ethtool -K m1 l2-fwd-offload on #? text
ethtool -K t1 rx off #? text
ethtool -K br0 tx off #? text
ethtool -k br0 #? ethtool
ethtool -k nosuch #? text
ethtool -K nosuch tx off #? text
ethtool -K p0 frob on #? text
ethtool -K p0 tx #? rc
ethtool -i m1 #? text
ethtool -i t1 #? text
ethtool -i br0 #? text
ethtool -S m1 #? text
ethtool -S nosuch #? text
ethtool m1 #? text
ethtool br0 #? text
ethtool -l p0 #? text
ethtool -l m1 #? text
ethtool -g m1 #? text
ethtool -c m1 #? text
ethtool -a m1 #? text
ethtool -T m1 #? text
