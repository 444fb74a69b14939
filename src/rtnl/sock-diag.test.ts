// One socket asked for by its four words (net/ipv4/inet_diag.c). Dumps are compared with ss and with a kernel elsewhere.

import { expect, test } from 'vitest';
import { at, B, connectPair, tcpLab } from '../inet/tcp-testing.ts';
import { decodeAnswer, decodeMessage, encodeMessage, type NlMessage, parseMessages } from '../netlink/message.ts';
import { SOCK_DIAG, SOCK_DIAG_REQ } from '../netlink/payload.ts';
import { NETLINK_SOCK_DIAG, NLM_F_REQUEST, NLMSG_ERROR } from '../uapi/netlink.ts';
import { SOCK_DIAG_BY_FAMILY } from '../uapi/sockdiag.ts';
import { attachRtnl, openNetlink } from './rtnl.ts';

const [ENOENT, EOPNOTSUPP] = [2, 95];
const NOBODY = { cookieLow: 0xffffffff, cookieHigh: 0xffffffff };

function ip(addr4: number): Uint8Array {
  const out = new Uint8Array(16);
  new DataView(out.buffer).setUint32(0, addr4);
  return out;
}

test('a connection, else a listener, else ENOENT; so for a cookie of another', () => {
  const lab = tcpLab();
  attachRtnl(lab.kernel);
  const { client } = connectPair(lab);
  const sock = openNetlink(lab.kernel, lab.b, NETLINK_SOCK_DIAG, { nsByFd: () => null, nsByPid: () => null });
  const ask = (words: object): NlMessage[] => {
    const head = { type: SOCK_DIAG_BY_FAMILY, flags: NLM_F_REQUEST, seq: 9, pid: 0 };
    const asked = { family: 2, protocol: 6, states: 0xfff, ...NOBODY, ...words };
    sock.send(encodeMessage(SOCK_DIAG_REQ, head, asked as never, {}));
    const out: NlMessage[] = [];
    for (let d = sock.recv(); d !== null; d = sock.recv()) out.push(...parseMessages(d));
    return out;
  };
  const errno = (words: object): number => {
    const [msg] = ask(words);
    return msg.type === NLMSG_ERROR ? decodeAnswer(msg).errno : 0;
  };
  const there = at(B, 5000);
  const port = client.getName().port;
  const four = { sport: there.port, dport: port, src: ip(there.addr4), dst: ip(client.getName().addr4) };
  const answers = ask(four);
  expect(answers.map((m) => [m.type, m.flags, m.seq])).toEqual([[SOCK_DIAG_BY_FAMILY, 0, 9]]);
  const { header } = decodeMessage(SOCK_DIAG, answers[0]);
  expect(header).toMatchObject({ state: 1, sport: 5000, dport: port });
  expect(decodeMessage(SOCK_DIAG, ask({ ...four, dport: 1 })[0]).header).toMatchObject({ state: 10, sport: 5000 });
  expect([errno({ ...four, sport: 5 }), errno({ ...four, cookieHigh: 7 }), errno({ ...four, protocol: 17 })]).toEqual([
    ENOENT,
    ENOENT,
    EOPNOTSUPP,
  ]);
});
