# A macvlan's life with IPv6, told by `ip monitor`, and what is there at the end. Runs on the real kernel and in the model.
ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02
ip link set lo up
ip link set v0 up
ip link set v1 up
sleep 3.5
timeout 60 ip monitor link address route neigh >> told &
sleep 0.5
echo "# add" >> told
ip link add link v0 name mv0 address 02:00:00:00:00:03 type macvlan mode bridge
sleep 0.5; echo "# up" >> told
ip link set mv0 up
sleep 3.5; echo "# address, address away" >> told
ip addr add 2001:db8::1/64 dev mv0
sleep 3.5
ip addr del 2001:db8::1/64 dev mv0
sleep 0.5; echo "# nodad, routes" >> told
ip addr add 2001:db8::1/64 dev mv0 nodad
sleep 0.5
ip route add 2001:db8:5::/64 via 2001:db8::2 mtu 1400
ip route add default via 2001:db8::3 dev mv0 metric 5
ip -6 route add unreachable 2001:db8:66::/48
sleep 0.5; echo "# down, up" >> told
ip link set mv0 down
sleep 0.5
ip link set mv0 up
sleep 3.5; echo "# another MAC; too small; large enough" >> told
ip link set mv0 address 02:00:00:00:00:33
sleep 0.5
ip link set mv0 mtu 1279
sleep 0.5
ip link set mv0 mtu 1400
sleep 3.5; echo "# off, on" >> told
sysctl -qw net.ipv6.conf.mv0.disable_ipv6=1
sleep 0.5
ip addr add 2001:db8::9/64 dev mv0
sysctl -qw net.ipv6.conf.mv0.disable_ipv6=0
sleep 3.5; echo "# router, host" >> told
sysctl -qw net.ipv6.conf.all.forwarding=1
sleep 0.5
sysctl -qw net.ipv6.conf.all.forwarding=0
sleep 0.5; echo "# kept" >> told
ip addr add 2001:db8::7/64 dev mv0 nodad
sysctl -qw net.ipv6.conf.mv0.keep_addr_on_down=1
sleep 0.5
ip link set mv0 down
sleep 0.5
ip link set mv0 up
sleep 3.5
cat told
echo "# what there is"
ip addr
ip -d -j -6 addr show mv0
ip -6 route show table all
ip -6 rule
ip -6 maddr
cat /proc/net/igmp6
sort /proc/net/if_inet6
cat /proc/net/ipv6_route | wc -l
echo "# errors"
ip addr add 2001:db8::7/64 dev mv0
ip addr add ::/64 dev mv0
ip addr add ff02::5/64 dev mv0
ip addr add ::1/128 dev mv0
ip addr del 2001:db8::55/64 dev mv0
ip -6 route add 2001:db8:7::/64 via 2001:db8::7 dev mv0
ip -6 route add 2001:db8:7::/64 via 2001:dead::1
ip -6 route add 2001:db8:7::/64
ip -6 route add 2001:db8::/64 dev mv0 proto kernel metric 256
ip -6 route del 2001:db8:77::/64
ip -6 route add 2001:db8:7::/64 dev mv0 src 2001:db8::99
ip link set mv0 addrgenmode stable_secret
ip link set lo addrgenmode none
echo "# settings"
sysctl -a 2>/dev/null | grep -E '^net\.ipv6\.(conf|icmp|route)\.' | grep -vE 'stable_secret|flush'
