# Two hosts on a cable talk TCP: what each step shows on it. Run as it is by the model and on Linux.
# Congestion control is reno on both, IPv6 is off: only TCP over IPv4 is looked at.
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip netns add a
ip netns add b
ip link add va netns a type veth peer name vb netns b
ip -n a addr add 10.0.0.1/24 dev va
ip -n b addr add 10.0.0.2/24 dev vb
ip -n a link set va up
ip -n b link set vb up
for n in a b; do ip netns exec $n sysctl -qw net.ipv4.tcp_congestion_control=reno; done
sleep 1
ip netns exec a ping -c 1 10.0.0.2 > /tmp/tcp-ping.txt
part() {
  echo "== $1"
  ip netns exec a tcpdump -i va -n -U -Z root --immediate-mode -w /tmp/tcp.pcap tcp 2> /tmp/tcp-dump.txt &
  dump=$!
  until grep -q listening /tmp/tcp-dump.txt; do sleep 0.1; done
}
show() {
  sleep 0.5
  kill $dump
  wait $dump
  tcpdump -n -S -r /tmp/tcp.pcap 2> /tmp/tcp-read.txt
}

part 'a few bytes, and both close'
ip netns exec b nc -l 5000 < /dev/null > /tmp/tcp-got.txt &
sleep 0.3
echo hello | ip netns exec a nc -N 10.0.0.2 5000
show

part 'nobody listens'
ip netns exec a nc -v 10.0.0.2 5002
show

part 'only asking'
ip netns exec b nc -l 5003 < /dev/null &
sleep 0.3
ip netns exec a nc -z 10.0.0.2 5003
show

part 'the other side talks, and closes first'
echo welcome | ip netns exec b nc -l -N 5004 > /tmp/tcp-got.txt &
sleep 0.3
ip netns exec a nc 10.0.0.2 5004 < /dev/null
show

part 'no time stamps, no SACK, no window scale'
ip netns exec a sysctl -qw net.ipv4.tcp_timestamps=0 net.ipv4.tcp_sack=0 net.ipv4.tcp_window_scaling=0
ip netns exec b nc -l 5005 < /dev/null > /tmp/tcp-got.txt &
sleep 0.3
echo hello | ip netns exec a nc -N 10.0.0.2 5005
show
ip netns exec a sysctl -qw net.ipv4.tcp_timestamps=1 net.ipv4.tcp_sack=1 net.ipv4.tcp_window_scaling=1

part 'a smaller MTU on this side'
ip -n a link set va mtu 1000
ip netns exec b nc -l 5006 < /dev/null > /tmp/tcp-got.txt &
sleep 0.3
echo hello | ip netns exec a nc -N 10.0.0.2 5006
show

part 'over the loopback device'
ip -n a link set lo up
kill $dump
wait $dump
ip netns exec a tcpdump -i lo -n -U -Z root --immediate-mode -w /tmp/tcp.pcap tcp 2> /tmp/tcp-dump.txt &
dump=$!
until grep -q listening /tmp/tcp-dump.txt; do sleep 0.1; done
ip netns exec a nc -l 5007 < /dev/null > /tmp/tcp-got.txt &
sleep 0.3
echo hello | ip netns exec a nc -N 127.0.0.1 5007
show
