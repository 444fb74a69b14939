#!/bin/bash
# source mode: a macvlan that hears only the senders on its list.
ip link set eth0 up
ip netns add pod
ip link add mv0 link eth0 netns pod address 02:00:00:00:00:02 type macvlan mode source
ip -n pod addr add 10.0.0.2/24 dev mv0
ip -n pod link set mv0 up

echo "# nobody is on the list: requests leave, replies are not heard"
ip netns exec pod ping -c 2 -i 0.2 -W 1 10.0.0.254
echo "# the gateway's address on the list"
ip -n pod link set mv0 type macvlan macaddr add 02:00:00:00:00:fe
ip -n pod -d link show mv0
ip netns exec pod ping -c 2 -i 0.2 10.0.0.254
echo "# and off again"
ip -n pod link set mv0 type macvlan macaddr del 02:00:00:00:00:fe
ip netns exec pod ping -c 1 -W 1 10.0.0.254
true
