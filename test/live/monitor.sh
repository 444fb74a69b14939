# One change of every kind that `ip monitor` and `bridge monitor` tell of.
ip link set m1 down
ip link set m1 up
ip addr add 10.88.0.1/24 dev p0
ip route add 10.89.0.0/24 via 10.88.0.9
ip route del 10.89.0.0/24
ip addr del 10.88.0.1/24 dev p0
ip neigh add 10.0.0.77 lladdr 02:00:00:00:00:77 dev p0
ip neigh del 10.0.0.77 dev p0
ip rule add from 10.5.0.0/16 table 9
ip rule del from 10.5.0.0/16 table 9
bridge fdb add 02:00:00:00:00:57 dev p1 master static
bridge fdb del 02:00:00:00:00:57 dev p1 master
bridge link set dev p1 hairpin on
bridge link set dev p1 hairpin off
ip link add link p0 name mx address 02:00:00:00:00:99 type macvlan mode bridge
ip link set mx name my
ip link del my
