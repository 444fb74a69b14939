# IPv6's rules, and what `ip route get` says of the type of service.
r() { echo "\$ ip $*"; ip "$@"; echo "rc $?"; }
ip link set lo up
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:f1
ip link set p0 up; ip link set p1 up
ip addr add 10.0.0.1/24 dev p0
ip addr add 10.0.1.1/24 dev p1
ip route add default via 10.0.0.254
ip route add default via 10.0.1.254 table 7
r route get 8.8.8.9 tos 0x10
ip route add 9.0.0.0/8 tos 0x10 via 10.0.0.253
r route get 9.8.8.9 tos 0x10
r route get 9.8.8.9 tos 0x08
ip rule add tos 0x10 table 7 pref 220
r route get 8.8.8.9 tos 0x10
r route get 9.8.8.9 tos 0x10
r -6 rule
ip -6 addr add fd00::1/64 dev p0 nodad
ip -6 addr add fd01::1/64 dev p1 nodad
ip -6 route add default via fd00::9
ip -6 route add default via fd01::9 table 7
r -6 rule add from fd01::/64 table 7
r -6 rule add to fd77::/16 prohibit
r -6 rule add to fd78::/16 unreachable
r -6 rule add to fd79::/16 blackhole
r -6 rule
r -6 route get 2001:db8::1 from fd01::1
r -6 route get 2001:db8::1
r -6 route get fd77::1
r -6 route get fd78::1
r -6 route get fd79::1
r -6 rule add pref 10 table 254 suppress_prefixlength 0
r -6 rule add pref 11 table 7
r -6 route get 2001:db8::1
r -6 route get fd00::5
r -6 rule del from fd01::/64
r -6 -j rule
r -6 rule add from fd01::/64
r rule add from fd01::/64 table 9
r -6 rule flush
r -6 rule
r -6 rule show
r rule del pref 0
r rule
r route get 10.0.0.1
