#!/bin/bash
# Addresses by DHCP for containers on macvlans: from a router behind the wire, and why not from the host itself.
# No set -e: that a container gets no address is part of the story.
ip link add eth0 address 02:00:00:00:00:01 type veth peer name lan address 02:00:00:00:00:fe
ip netns add router
ip link set lan netns router up
ip -n router addr add 10.0.0.1/24 dev lan
ip link set eth0 up

cat >/etc/udhcpd.conf <<'X'
interface lan
start 10.0.0.100
end 10.0.0.120
option subnet 255.255.255.0
option router 10.0.0.1
option dns 10.0.0.53
option domain lan.example
option lease 3600
static_lease 02:00:00:00:00:12 10.0.0.50
X
touch /var/lib/misc/udhcpd.leases
ip netns exec router udhcpd

for pod in 1:blue 2:green 3:grey; do
	mode=bridge
	[ "${pod#*:}" = grey ] && mode=private
	ip netns add "${pod#*:}"
	ip link add mv0 link eth0 netns "${pod#*:}" address 02:00:00:00:00:1${pod%:*} type macvlan mode $mode
done

echo "# udhcpc in bridge mode; green has an address of its own in the server's file"
ip netns exec blue udhcpc -i mv0 -q
ip netns exec green udhcpc -i mv0 -q
echo "# dhclient in private mode"
ip netns exec grey dhclient -v mv0
for pod in blue green grey; do ip -n $pod -br -4 addr show dev mv0; done
ip -n blue route
cat /etc/resolv.conf
ip netns exec blue ping -c 1 -W 1 -q 10.0.0.50
ip netns exec grey ping -c 1 -W 1 -q 10.0.0.50 || echo "private: not to its siblings"
echo "# what the router gave away"
dumpleases

echo "# the host as the server: nobody on a macvlan hears it"
kill "$(cat /var/run/udhcpd.pid)"
sleep 1
ip addr add 10.0.0.1/24 dev eth0
sed 's/interface lan/interface eth0/' /etc/udhcpd.conf >/root/host.conf
udhcpd /root/host.conf
ip netns exec blue udhcpc -i mv0 -n -q -t 2 -T 1
kill "$(cat /var/run/udhcpd.pid)"
sleep 1

echo "# on a macvlan of the host, those in bridge mode do"
ip addr del 10.0.0.1/24 dev eth0
ip link add shim link eth0 address 02:00:00:00:00:02 type macvlan mode bridge
ip link set shim up
ip addr add 10.0.0.1/24 dev shim
sed 's/interface lan/interface shim/' /etc/udhcpd.conf >/root/shim.conf
udhcpd /root/shim.conf
ip netns exec blue udhcpc -i mv0 -n -q
ip netns exec grey udhcpc -i mv0 -n -q -t 2 -T 1
echo "# the exchange, as blue sees it"
timeout 5 ip netns exec blue tcpdump -n -i mv0 -t 'port 67 or port 68' &
sleep 1
ip netns exec blue udhcpc -i mv0 -q -B 2>/dev/null
wait
