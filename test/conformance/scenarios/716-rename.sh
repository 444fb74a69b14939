# names: renaming up and down, taken names, altnames, the parent's name
# group: 7
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
ip link add link p0 name m1 address 02:00:00:00:00:0a type macvlan
ip link add link p0 name m2 address 02:00:00:00:00:0b type macvlan
ip link set m1 name m2 #? err
ip link set m1 name m1 #? ok
ip link set m1 name eth7 #? ok
ip link set eth7 up
ip link set eth7 name eth8 #? rc while it is up
ip -j link show type macvlan #? link
ip link set p0 name wan #? rc
ip link set p0 down #? rc
ip -j link show #? link
ip link set m2 name toolongforaninterface #? err
ip link set m2 name "" #? err
ip link set m2 name a/b #? err
ip link set m2 name "a b" #? err
ip link set m2 name .. #? err
ip link set m2 name a:b #? err
ip link set m2 name mv%d #? ok
ip link set nope name m9 #? err
ip link set mv0 alias hello #? ok
ip -j link show mv0 #? link
ip link set mv0 alias "" #? ok
ip link property add dev mv0 altname one altname two #? ok
ip link property add dev mv0 altname one #? err
ip link property add dev mv0 altname lo #? err
ip link property add dev mv0 #? err
ip link property add #? err
ip link property add dev nope altname x #? err
ip link set one mtu 1400 #? ok
ip -j link show two #? link
ip link property del dev mv0 altname three #? err
ip link property del dev mv0 altname two #? ok
ip -j link show mv0 #? link
ip link set mv0 name one #? err
ip link add link p1 name one type macvlan #? err
ip link del one #? ok by its other name
ip -j link show #? link
