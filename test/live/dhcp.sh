# Containers on macvlans ask a DHCP server: behind the wire, on the parent, on a shim of the host. Addresses, words, frames.
ip link set lo up
ip link add eth0 type veth peer name wire
ip netns add srv
ip link set wire netns srv address 02:00:00:00:00:99
ip link set eth0 address 02:00:00:00:00:aa up
ip -n srv link set lo up
ip -n srv link set wire up
ip -n srv addr add 10.0.0.1/24 dev wire
cat >told.sh <<'X'
#!/bin/sh
echo "script: $1" $(env | grep -E '^(ip|subnet|mask|router|dns|domain|mtu|lease|serverid|siaddr|sname|boot_file|opt[0-9]+|staticroutes|message)=' | sort)
case $1 in
bound | renew) ip addr replace $ip/$mask dev $interface ;;
deconfig) ip -4 addr flush dev $interface ;;
esac
X
chmod +x told.sh
container() { # NAME MAC MODE
	ip netns add $1
	ip link add link eth0 name mv0 netns $1 address 02:00:00:00:00:$2 type macvlan mode $3
	ip -n $1 link set mv0 up
}
client() { # NAMESPACE ARGUMENTS
	ns=$1
	shift
	ip netns exec $ns busybox udhcpc -i mv0 -s ./told.sh -f -n -T 8 "$@" 2>&1
	echo "exit $?"
}
serving() { # COMMAND before ss: until somebody listens
	n=0
	until "$@" ss -Hlun | grep -q :67 || [ $n -gt 300 ]; do
		sleep 0.1
		n=$((n + 1))
	done
}
said() { # FILE WORDS TIMES: until they stand in the file
	n=0
	until [ $(cat $1 2>/dev/null | grep -c "$2") -ge $3 ] || [ $n -gt 300 ]; do
		sleep 0.1
		n=$((n + 1))
	done
}

echo '== the server, its mistakes'
printf '%s\n' 'interface wire' 'start 10.0.0.105' 'end 10.0.0.104' 'pidfile ./pid' >bad.conf
ip netns exec srv busybox udhcpd -f bad.conf
echo "exit $?"
printf '%s\n' 'interface wire' 'start here' 'max_leases x' 'option nothing 1' 'pidfile ./pid' >bad.conf
ip netns exec srv busybox udhcpd -f bad.conf 2>&1 | cut -c1-60
printf '%s\n' 'interface eth9' 'lease_file ./none' 'pidfile ./pid' >bad.conf
ip netns exec srv busybox udhcpd -f bad.conf
echo "exit $?"
cat >udhcpd.conf <<'X'
# what a small network has
start 10.0.0.100
end 10.0.0.110
interface wire
option subnet 255.255.255.0
opt router 10.0.0.1
opt dns 10.0.0.53 10.0.0.54
option domain example.org
option mtu 1400
option lease 600
option staticroutes 10.9.0.0/16 10.0.0.9
option 0x2b 0102ff
siaddr 10.0.0.9
sname zork
boot_file pxe.0
min_lease 10
static_lease 02:00:00:00:00:05 10.0.0.55
lease_file ./leases
pidfile ./udhcpd.pid
X
: >leases
ip netns exec srv tcpdump -i wire -U --immediate-mode -w wire.pcap 'udp port 67 or udp port 68' 2>captured &
capture=$!
said captured listening 1
ip netns exec srv busybox udhcpd -f -a 200 udhcpd.conf >server 2>&1 &
server=$!
serving ip netns exec srv

echo '== two containers in bridge mode'
container blue 01 bridge
container red 02 bridge
client blue -q
client red -q
echo '== another identifier, another vendor, broadcast replies, an address of its own wish'
client red -q -B -r 10.0.0.107 -V lab -x 0x3d:00626c7565 -x hostname:red -O 43 -O mtu
echo '== the same identifier in the other container: it is the MAC address that counts'
client blue -q -x 0x3d:00626c7565
echo '== an address that is kept for it; nothing asked for'
container green 05 bridge
client green -q -C -o -O 1
echo '== private and vepa reach a server behind the wire too'
container grey 06 private
client grey -q
container pink 07 vepa
client pink -q
echo '== somebody has the address that it asks for, and the one that the server thinks of next'
ip -n srv addr add 10.0.0.105/24 dev wire
ip -n blue addr add 10.0.0.110/24 dev mv0
container lime 1c bridge
client lime -q -r 10.0.0.105 -a500 -A 1 -x lease:5

echo '== a client that stays: renew, release, again, the end'
ip netns exec blue busybox udhcpc -i mv0 -s ./told.sh -f -R -T 8 -p ./blue.pid >stays 2>&1 &
stays=$!
said stays 'script: bound' 1
kill -USR1 $(cat blue.pid)
said stays 'script: renew' 1
kill -USR2 $(cat blue.pid)
said stays 'script: deconfig' 2
kill -USR1 $(cat blue.pid)
said stays 'script: bound' 2
kill $(cat blue.pid)
wait $stays
echo "exit $?"
cat stays
ls blue.pid
echo '== what the server gave, and said'
kill -USR1 $server
said server SIGUSR1 1
said server 'sending ACK to' 11
busybox dumpleases -f leases | cut -c1-53
kill $server
wait $server
echo "exit $?"
cat server
said_release() { tcpdump -n -v -r wire.pcap 2>/dev/null | grep -c 'length 1: Release'; }
n=0
until [ $(said_release) -ge 2 ] || [ $n -gt 100 ]; do
	sleep 0.1
	n=$((n + 1))
done
kill $capture
wait $capture
echo '== and what passed the wire'
masked() { sed -E 's/xid 0x[0-9a-f]+(, secs [0-9]+)?/xid/; s/, id [0-9]+,/,/'; }
tcpdump -n -e -t -v -c 12 -r wire.pcap 2>/dev/null | masked
tcpdump -n -e -t -r wire.pcap 2>/dev/null

echo '== the server on the parent: bridge mode does not reach it'
ip addr add 10.0.0.2/24 dev eth0
sed 's/wire/eth0/; s/10\.0\.0\.1$/10.0.0.2/' udhcpd.conf >parent.conf
busybox udhcpd -f -a 200 parent.conf >parent 2>&1 &
server=$!
serving env
client blue -q -T 1 -t 1
kill $server
wait $server
cat parent
echo '== on a shim beside it: the siblings in bridge mode do'
ip addr del 10.0.0.2/24 dev eth0
ip link add link eth0 name shim address 02:00:00:00:00:20 type macvlan mode bridge
ip link set shim up
ip addr add 10.0.0.2/24 dev shim
sed 's/wire/shim/' udhcpd.conf >shim.conf
: >leases
busybox udhcpd -f -a 200 shim.conf >shim 2>&1 &
server=$!
serving env
client blue -q
client grey -q -T 1 -t 1
kill $server
wait $server
cat shim
