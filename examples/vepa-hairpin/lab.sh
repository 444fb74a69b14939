#!/bin/bash
# vepa sends everything to the switch. With a hairpin port there, siblings reach each other through it (and the host
# reaches them); tcpdump on eth0 shows each frame go out and come back.
set -e
ip addr add 10.0.0.1/24 dev eth0
ip link set eth0 up
for n in 2 3; do
  ip netns add pod$n
  ip link add mv0 link eth0 netns pod$n address 02:00:00:00:00:0$n type macvlan mode vepa
  ip -n pod$n addr add 10.0.0.$n/24 dev mv0
  ip -n pod$n link set mv0 up
done

ip netns exec pod2 ping -c 3 -i 0.2 10.0.0.3
ping -c 2 -i 0.2 10.0.0.2

echo "# the way of one request and its reply, as eth0 sees it"
tcpdump -n -e -t -i eth0 -c 4 icmp &
sleep 0.1
ip netns exec pod2 ping -c 1 -q 10.0.0.3
wait
