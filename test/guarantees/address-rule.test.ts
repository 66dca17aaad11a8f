import { describe, expect, test } from 'vitest';
import { AddressRule, parseNetwork } from '../../src/domain/address.ts';

const rule = new AddressRule();

/** First and last address of each refused range, and the neighbours just outside where those are public. */
const RANGES: { refused: string[]; public: string[] }[] = [
  { refused: ['0.0.0.0', '0.255.255.255'], public: ['1.0.0.0'] },
  { refused: ['10.0.0.0', '10.255.255.255'], public: ['9.255.255.255', '11.0.0.0'] },
  {
    refused: ['100.64.0.0', '100.100.100.200', '100.127.255.255'],
    public: ['100.63.255.255', '100.128.0.0'],
  },
  { refused: ['127.0.0.0', '127.0.0.1', '127.255.255.255'], public: ['126.255.255.255', '128.0.0.0'] },
  { refused: ['168.63.129.16'], public: ['168.63.129.15', '168.63.129.17'] },
  {
    refused: ['169.254.0.0', '169.254.169.254', '169.254.255.255'],
    public: ['169.253.255.255', '169.255.0.0'],
  },
  { refused: ['172.16.0.0', '172.31.255.255'], public: ['172.15.255.255', '172.32.0.0'] },
  { refused: ['192.0.0.0', '192.0.0.192', '192.0.0.255'], public: ['191.255.255.255', '192.0.1.0'] },
  { refused: ['192.0.2.0', '192.0.2.255'], public: ['192.0.1.255', '192.0.3.0'] },
  { refused: ['192.31.196.0', '192.31.196.255'], public: ['192.31.195.255', '192.31.197.0'] },
  { refused: ['192.52.193.0', '192.52.193.255'], public: ['192.52.192.255', '192.52.194.0'] },
  { refused: ['192.88.99.0', '192.88.99.255'], public: ['192.88.98.255', '192.88.100.0'] },
  { refused: ['192.168.0.0', '192.168.255.255'], public: ['192.167.255.255', '192.169.0.0'] },
  { refused: ['192.175.48.0', '192.175.48.255'], public: ['192.175.47.255', '192.175.49.0'] },
  { refused: ['198.18.0.0', '198.19.255.255'], public: ['198.17.255.255', '198.20.0.0'] },
  { refused: ['198.51.100.0', '198.51.100.255'], public: ['198.51.99.255', '198.51.101.0'] },
  { refused: ['203.0.113.0', '203.0.113.255'], public: ['203.0.112.255', '203.0.114.0'] },
  { refused: ['224.0.0.0', '239.255.255.255', '240.0.0.0', '255.255.255.255'], public: ['223.255.255.255'] },
  { refused: ['::', '::1', '::2', '::ffff', 'ff::'], public: [] },
  { refused: ['1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '4000::'], public: ['2000::1', '3ffd::1'] },
  { refused: ['2001::', '2001:1ff:ffff::'], public: ['2000:ffff::', '2001:200::'] },
  { refused: ['2001:db8::', '2001:db8:ffff:ffff::'], public: ['2001:db7:ffff::', '2001:db9::'] },
  { refused: ['2002::', '2002:ffff::'], public: ['2001:ffff::', '2003::'] },
  { refused: ['2620:4f:8000::', '2620:4f:8000:ffff::'], public: ['2620:4f:7fff::', '2620:4f:8001::'] },
  { refused: ['3ffe::', '3fff::', '3fff:fff:ffff::'], public: ['3fff:1000::', '3fff:ffff::'] },
  { refused: ['100::', '100::1', '5f00::1', 'fc00::', 'fd00:ec2::254', 'fdff::'], public: [] },
  { refused: ['fe80::1', 'febf::1', 'fec0::1', 'feff::1', 'ff00::', 'ff02::1', 'ffff::'], public: [] },
];

describe('an address that is not plainly public is refused', () => {
  test.each(RANGES.flatMap((range) => range.refused))('%s is refused', (address) => {
    expect(rule.judge(address)).toMatchObject({ allowed: false, reason: expect.stringMatching(/\w/) });
  });
  test.each(RANGES.flatMap((range) => range.public))('%s is public', (address) => {
    expect(rule.judge(address)).toEqual({ allowed: true });
  });
  test.each(['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111', '2001:4860:4860::8888', '2a00:1450:4001::200e'])(
    '%s is public',
    (address) => {
      expect(rule.allows(address)).toBe(true);
    },
  );
});

describe('an IPv4 address inside an IPv6 address is refused, a public one too', () => {
  test.each([
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::ffff:808:808',
    '::127.0.0.1',
    '::8.8.8.8',
    '::ffff:0:127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b::808:808',
    '64:ff9b:1::7f00:1',
    '64:ff9b:1:ffff::808:808',
    '2002:7f00:1::',
    '2002:808:808::1',
    '2001:0:7f00:1::',
    '2001:0:4136:e378:8000:63bf:f7f7:f7f7',
  ])('%s', (address) => {
    expect(rule.allows(address)).toBe(false);
  });
});

describe('what is no address is refused', () => {
  test.each([
    '',
    'localhost',
    '127.1',
    '0177.0.0.1',
    '2130706433',
    '[::1]',
    'fe80::1%eth0',
    '2606::1%1',
    '1.2.3.4 ',
  ])('%j', (text) => {
    expect(rule.judge(text)).toEqual({ allowed: false, reason: 'not an address' });
  });
});

describe('allowed networks', () => {
  test('lift the rule for their addresses and for no others', () => {
    const lifted = new AddressRule(['127.0.0.2/32', '10.1.0.0/16', 'fd00:1::/32', '192.168.7.7']);
    const allowed = ['127.0.0.2', '10.1.0.0', '10.1.255.255', 'fd00:1::5', '192.168.7.7', '8.8.8.8'];
    const refused = ['127.0.0.1', '127.0.0.3', '10.2.0.0', 'fd00:2::5', '192.168.7.8', '::1'];
    expect([...allowed, ...refused].filter((address) => lifted.allows(address))).toEqual(allowed);
  });

  test('of everything lift everything', () => {
    const lifted = new AddressRule(['0.0.0.0/0', '::/0']);
    for (const address of ['127.0.0.1', '::1', 'ff02::1', '255.255.255.255'])
      expect(lifted.allows(address)).toBe(true);
  });

  test.each([
    '',
    '10.0.0.0/',
    '10.0.0.0/33',
    '::/129',
    '10.0.0/8',
    'x/8',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    '10.0.0.0/1e1',
    '10.0.0.0/ 8',
  ])('that are malformed are an error: %j', (cidr) => {
    expect(() => parseNetwork(cidr)).toThrow(TypeError);
    expect(() => new AddressRule([cidr])).toThrow(TypeError);
  });
});
