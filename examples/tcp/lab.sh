#!/bin/bash
# TCP between two macvlans in bridge mode: nc carries a file, iperf3 measures, ss and nstat look at it.
#
#   lowerdev run examples/tcp/lab.sh
#   lowerdev run --set MODE=private examples/tcp/lab.sh   they cannot hear each other: connect() runs into its time limit
MODE=${MODE:-bridge}

ip link add up0 type veth peer name up1
ip link set up0 up
ip link set up1 up
for i in 1 2; do
  ip netns add net$i
  ip link add mv$i link up0 netns net$i type macvlan mode $MODE
  ip -n net$i address add 10.0.0.$i/24 dev mv$i
  ip -n net$i link set lo up
  ip -n net$i link set mv$i up
done
sleep 2

echo "# is anybody there?"
ip netns exec net1 nc -zv -w 2 10.0.0.2 5000 || [ $MODE = bridge ] || exit 1

echo "# a file by nc"
seq 1 20000 > /tmp/sent
ip netns exec net2 nc -l 5000 > /tmp/received &
sleep 0.1
ip netns exec net1 nc -N 10.0.0.2 5000 < /tmp/sent
wait $!
md5sum < /tmp/sent
md5sum < /tmp/received

echo "# iperf3: TCP, both ways, then UDP"
ip netns exec net2 iperf3 -s > /tmp/server.txt &
server=$!
sleep 0.1
ip netns exec net1 iperf3 -c 10.0.0.2 -t 2 -b 100M
ip netns exec net1 iperf3 -c 10.0.0.2 -n 4M -R
ip netns exec net1 iperf3 -c 10.0.0.2 -u -b 1M -t 1

echo "# who listens, what is left, what was counted"
ip netns exec net2 ss -tln
ip netns exec net1 ss -tan
ip netns exec net1 nstat -as 'Tcp*Opens' 'Tcp*Retrans*'
kill $server
wait $server
head -5 /tmp/server.txt
