# bridge, its ports and forwarding database: what is refused
# group: 4
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 index 20 address 02:00:00:00:00:f0 type veth peer name p1 index 21 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
ip link add br0 address 02:00:00:00:00:b0 type bridge forward_delay 0
ip link set br0 up
ip link add link p0 name m1 address 02:00:00:00:00:0a type macvlan mode bridge
ip link set p0 master br0 #? err
ip link set m1 master br0 #? ok
ip link set m1 master br0 #? ok
ip link set br0 master br0 #? err
ip link set lo master br0 #? err
ip link set m1 master nosuch #? err
ip link set m1 master p0 #? err
ip link set p0 nomaster #? rc
bridge link set dev m1 hairpin on #? ok
bridge link set dev p0 hairpin on #? err
bridge link set dev nosuch hairpin on #? err
bridge link set dev m1 hairpin maybe #? err
bridge link set dev m1 state 9 #? err
bridge link set dev m1 cost 0 #? rc
bridge link set #? err
bridge link frob #? err
bridge fdb add 02:00:00:00:00:77 dev m1 master #? ok
bridge fdb add 02:00:00:00:00:77 dev m1 master #? err
bridge fdb add 02:00:00:00:00:77 dev m1 self #? err
bridge fdb add 01:00:5e:00:00:77 dev m1 self #? ok
bridge fdb add 01:00:5e:00:00:77 dev m1 self #? err
bridge fdb del 01:00:5e:00:00:78 dev m1 self #? err
bridge fdb del 01:00:5e:00:00:77 dev m1 self #? ok
bridge fdb add 02:00:00:00:00:78 dev p0 master #? err
bridge fdb add 02:00:00:00:00:78 dev p0 self #? ok
bridge fdb del 02:00:00:00:00:79 dev p0 self #? err
bridge fdb del 02:00:00:00:00:79 dev m1 master #? err
bridge fdb add zz dev m1 #? err
bridge fdb add 02:00:00:00:00:78 #? err
bridge fdb add dev m1 #? err
bridge fdb show dev m1 | grep -v 33:33 #? text
bridge fdb frob #? err
ip link set br0 type bridge ageing_time 100 #? ok
ip link set br0 type bridge stp_state 1 hello_time 1 #? err
ip link set br0 type bridge max_age 1 #? err
ip link set br0 type bridge forward_delay 99999 #? rc
ip link set br0 type bridge priority 70000 #? err
ip link set m1 type bridge_slave hairpin off #? ok
ip link set m1 type bridge_slave priority 64 #? err
ip link set p0 type bridge_slave hairpin on #? err
ip link del br0 #? ok
ip -j -d link show m1 #? link
