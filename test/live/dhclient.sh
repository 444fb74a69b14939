# dhclient on macvlans: a lease, the same again after a restart, a release, nobody who answers, a refusal.
ip link set lo up
ip link add eth0 type veth peer name wire
ip netns add srv
ip link set wire netns srv address 02:00:00:00:00:99
ip link set eth0 address 02:00:00:00:00:aa up
ip -n srv link set lo up
ip -n srv link set wire up
ip -n srv addr add 10.0.0.1/24 dev wire
ip netns add blue
ip link add link eth0 name mv0 netns blue address 02:00:00:00:00:01 type macvlan mode bridge
ip -n blue link set lo up
printf '%s\n' 'start 10.0.0.100' 'end 10.0.0.110' 'interface wire' 'option subnet 255.255.255.0' 'opt router 10.0.0.1' \
	'opt dns 10.0.0.53 10.0.0.54' 'option domain example.org' 'option lease 600' 'option mtu 1400' \
	'lease_file ./leases' 'pidfile ./udhcpd.pid' >udhcpd.conf
sed 's/10\.0\.0\.1/10.0.0.2/g' udhcpd.conf >other.conf
cat >blue.conf <<'X'
option rfc3442-classless-static-routes code 121 = array of unsigned integer 8;
send host-name "blue";
request subnet-mask, broadcast-address, time-offset, routers, domain-name, domain-name-servers, host-name,
	interface-mtu, rfc3442-classless-static-routes, ntp-servers;
X
cat >told.sh <<'X'
#!/bin/sh
{
	echo "script: $reason"
	env | grep -E '^(new|old)_' | grep -v _expiry | sed 's,=, ,' | LC_ALL=C sort
} >>${0%.sh}
X
chmod +x told.sh
: >leases
: >captured
client() {
	ip netns exec blue dhclient -pf $PWD/blue.pid -lf $PWD/blue.leases -cf $PWD/blue.conf "$@" 2>&1 | sed -E 's/(interval|renewal in|xid=) ?[0-9a-fx]+/\1/'
	echo "exit ${PIPESTATUS[0]}"
}
running() { # until the one in the background has said who it is
	n=0
	until [ -s blue.pid ] || [ $n -gt 100 ]; do
		sleep 0.1
		n=$((n + 1))
	done
}
state() {
	ip -n blue -4 -o addr show dev mv0 | sed -E 's/[0-9]+sec/some/g'
	ip -n blue route
	cat /sys/class/net/eth0/mtu
	ip -n blue -o link show mv0 | grep -o 'mtu [0-9]*'
	cat /etc/resolv.conf
}
serve() { # CONFIGURATION
	ip netns exec srv busybox udhcpd -f -a 100 $1 >server 2>&1 &
	server=$!
	n=0
	until ip netns exec srv ss -Hlun | grep -q :67 || [ $n -gt 300 ]; do
		sleep 0.1
		n=$((n + 1))
	done
}
ip netns exec srv tcpdump -i wire -U --immediate-mode -w wire.pcap 'udp port 67 or udp port 68' 2>captured &
capture=$!
until grep -q listening captured; do sleep 0.1; done
serve udhcpd.conf
echo '== a lease'
client -v mv0
state
grep -E 'interface|fixed|subnet|routers|mtu|domain' blue.leases | sort
running
echo '== again, when the client was killed'
kill -9 $(cat blue.pid)
rm blue.pid
client -v -4 mv0
running
echo '== released'
client -v -r mv0
state
echo '== asking for the address of before, quietly'
client -1 mv0
running
state
echo '== stopped, without a word to the server'
client -x mv0
state
echo '== with another script'
client -v -1 -sf $PWD/told.sh mv0
running
cat told
kill $server
wait $server
cat server
echo '== what passed the wire'
n=0
until [ $(tcpdump -n -v -r wire.pcap 2>/dev/null | grep -c 'length 1: ACK') -ge 5 ] || [ $n -gt 100 ]; do
	sleep 0.1
	n=$((n + 1))
done
kill $capture
wait $capture
tcpdump -n -e -t -v -r wire.pcap 2>/dev/null | sed -E 's/xid 0x[0-9a-f]+(, secs [0-9]+)?/xid/; s/, id [0-9]+,/,/'
echo '== nobody answers, no such device, no such option'
client -x mv0
rm blue.leases
echo 'timeout 1;' >>blue.conf
client -v -1 mv0 | grep -v DHCPDISCOVER
client -1 mv9
client -zz | head -6
client --version
