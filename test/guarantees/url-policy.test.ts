import { describe, expect, test } from 'vitest';
import { checkUrl, type UrlPolicy } from '../../src/domain/url-policy.ts';

const POLICY: UrlPolicy = {
  allowNetworks: [],
  allowHosts: [],
  publicOrigin: 'https://hooks.velahook.example',
};

function mistakes(url: string, policy: Partial<UrlPolicy> = {}): string[] {
  const check = checkUrl(url, { ...POLICY, ...policy });
  if (check.ok) return [];
  for (const mistake of check.mistakes) expect(mistake.path).toBe('url');
  return check.mistakes.map((mistake) => mistake.message);
}

/** Every URL of a group is refused with a message that matches. */
const REFUSED: [why: string, message: RegExp, urls: string[]][] = [
  [
    'it is not an absolute URL',
    /absolute URL/,
    [
      '',
      'example.com',
      '/webhooks',
      '//example.com/',
      'https:',
      'https://',
      'https:example.com',
      'https:/example.com',
      'https:///example.com',
      'https://[::1',
      'https://exa mple.com:x',
      'https://a.example:99999/',
      'https://1.2.3.4.5/',
      'https://%00.example/',
      'https://exam<ple.com/',
    ],
  ],
  [
    'it is not https',
    /https/,
    [
      'http://example.com/',
      'ftp://example.com/',
      'ws://example.com/',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'gopher://example.com/',
      'HTTP://example.com',
    ],
  ],
  [
    'it has credentials',
    /user name/,
    [
      'https://u:p@example.com/',
      'https://u@example.com/',
      'https://@example.com/',
      'https://:@example.com/',
      'https://a@b@example.com/',
    ],
  ],
  [
    'it has a fragment',
    /fragment/,
    ['https://example.com/#x', 'https://example.com/#', 'https://example.com#@127.0.0.1/'],
  ],
  [
    'something in it cannot be seen',
    /white space, control or invisible/,
    [
      ' https://example.com/',
      'https://example.com/ ',
      'https://example.com/a b',
      'https://exam\tple.com/',
      'https://example.com/\n',
      'ht\ntps://example.com/',
      'https://example.com/\r\nHost: x',
      'https://example.com/\u0000',
      'https://example.com/\u007f',
      'https://exam\u00adple.com/',
      'https://exam\u200bple.com/',
      'https://example.com/\u202etxt',
      'https://example.com/\ufeff',
      'https://example.com/\u00a0',
      'https://example.com/\u3000',
      'https://example.com/\u2028',
      'https://example.com/\u3164',
      'https://example.com/\u{e0041}',
      'https://example.com/\ufe0f',
      'https://example.com/\ud800',
      'https://example.com/\u2800',
    ],
  ],
  [
    'it has a backslash',
    /backslash/,
    ['https:\\\\example.com\\', 'https://example.com\\path', 'https://example.com\\@evil.example/'],
  ],
  [
    'its host is an address that is not public, in whatever notation',
    /public host/,
    [
      'https://127.0.0.1/',
      'https://127.1/',
      'https://127.0.1/',
      'https://2130706433/',
      'https://0x7f000001/',
      'https://0x7f.1/',
      'https://0177.0.0.1/',
      'https://017700000001/',
      'https://127.0.0.1./',
      'https://0/',
      'https://0.0.0.0/',
      'https://１２７.0.0.1/',
      'https://127。0。0。1/',
      'https://127．0．0．1/',
      'https://127｡0｡0｡1/',
      'https://%31%32%37.0.0.1/',
      'https://①②⑦.0.0.1/',
      'https://169.254.169.254/latest/',
      'https://10.0.0.1/',
      'https://192.168.1.1:8443/',
      'https://168.63.129.16/',
      'https://[::1]/',
      'https://[::]/',
      'https://[::ffff:127.0.0.1]/',
      'https://[::ffff:7f00:1]/',
      'https://[::ffff:8.8.8.8]/',
      'https://[0:0:0:0:0:ffff:7f00:0001]/',
      'https://[64:ff9b::7f00:1]/',
      'https://[2002:7f00:1::]/',
      'https://[fd00:ec2::254]/',
      'https://[fe80::1]/',
      'https://[ff02::1]/',
      'https://[::127.0.0.1]/',
    ],
  ],
  [
    'its host is a name that is never public',
    /public host/,
    [
      'https://localhost/',
      'https://LOCALHOST/',
      'https://localhost./',
      'https://a.localhost/',
      'https://ｌocalhost/',
      'https://%6cocalhost/',
      'https://printer.local/',
      'https://x.localdomain/',
      'https://metadata.google.internal/',
      'https://x.intranet/',
      'https://x.corp/',
      'https://x.home/',
      'https://x.lan/',
      'https://x.private/',
      'https://x.home.arpa/',
      'https://1.0.0.127.in-addr.arpa/',
      'https://api.default.svc/',
      'https://x.onion/',
      'https://x.test/',
      'https://x.invalid/',
      'https://intranet/',
      'https://com/',
      'https://redis/',
    ],
  ],
  [
    'its host ends with a dot',
    /ends with a dot/,
    ['https://example.com./', 'https://localhost./', 'https://example.com。/'],
  ],
  [
    'a label of its host is malformed',
    /labels/,
    [
      'https://a..example/',
      'https://.example.com/',
      `https://${'a'.repeat(64)}.example/`,
      'https://-a.example/',
      'https://a-.example/',
      'https://a_b.example/',
      'https://*.example/',
      'https://a!b.example/',
      'https://a$b.example/',
      "https://a'b.example/",
      'https://a~b.example/',
      'https://a,b.example/',
      'https://(a).example/',
    ],
  ],
  ['its host is too long', /at most 253/, [`https://${'abcdefghi.'.repeat(26)}example/`]],
  [
    'its port is not for webhooks',
    /port/,
    [
      0, 1, 22, 25, 80, 442, 444, 1023, 2375, 2376, 2379, 2380, 3306, 3389, 5432, 5672, 6379, 6443, 6667,
      9092, 9200, 10250, 11211, 27017,
    ].map((port) => `https://example.com:${port}/`),
  ],
  [
    'it is our own',
    /this server itself/,
    [
      'https://hooks.velahook.example/api/v1/events',
      'https://HOOKS.velahook.example:443/',
      'https://hooks%2evelahook.example/',
    ],
  ],
  ['it is too long', /2048/, [`https://example.com/${'a'.repeat(2029)}`]],
];

describe.each(REFUSED)('a URL is refused when %s', (_why, message, urls) => {
  test.each(urls)('%j', (url) => {
    expect(mistakes(url)).toContainEqual(expect.stringMatching(message));
  });
});

describe('a URL is accepted', () => {
  test.each([
    'https://example.com',
    'https://example.com/',
    'https://EXAMPLE.com/Path?q=1&x=%20%00',
    'https://example.com:443/',
    'https://example.com:1024/',
    'https://example.com:8443/webhooks',
    'https://example.com:65535/',
    'https://a-b.example.co.uk/@user/x:y',
    'https://bücher.example/grüße',
    'https://xn--bcher-kva.example/',
    'https://8.8.8.8/',
    'https://0x08080808/',
    'https://[2606:4700:4700::1111]:8443/',
    'https://1.example/',
    'https://test.example.com/',
    'https://local.example.com/',
    'https://velahook.example/',
    'https://hooks.velahook.example:8443/',
    `https://example.com/${'a'.repeat(2028)}`,
    `https://${'a'.repeat(63)}.example/`,
  ])('%s', (url) => {
    expect(mistakes(url)).toEqual([]);
  });

  test('and comes back parsed', () => {
    const check = checkUrl('https://EXAMPLE.com:443/a?b', POLICY);
    expect(check.ok && check.url.href).toBe('https://example.com/a?b');
  });
});

test('all mistakes of a URL are told at once', () => {
  expect(mistakes('http://user:pw@localhost:6379/a b#c')).toEqual([
    expect.stringContaining('white space'),
    expect.stringContaining('fragment'),
    expect.stringContaining('user name'),
    expect.stringContaining('https'),
    expect.stringContaining('public host'),
    expect.stringContaining('port 6379'),
  ]);
});

describe('what the operator allows', () => {
  test('a network lifts the address rule and nothing else', () => {
    const policy = { allowNetworks: ['127.0.0.0/8', '::1/128'] };
    for (const url of ['https://127.0.0.1:8443/', 'https://127.1/', 'https://[::1]/'])
      expect(mistakes(url, policy)).toEqual([]);
    for (const url of [
      'http://127.0.0.1/',
      'https://127.0.0.1:6379/',
      'https://10.0.0.1/',
      'https://localhost/',
      'https://u@127.0.0.1/',
    ]) {
      expect(mistakes(url, policy)).not.toEqual([]);
    }
  });

  test('a host lifts the rules about names for exactly that name', () => {
    const policy = { allowHosts: ['localhost', 'my_receiver', 'api.default.svc'] };
    for (const url of [
      'https://localhost/',
      'https://LOCALHOST:4443/',
      'https://my_receiver/',
      'https://api.default.svc/',
    ]) {
      expect(mistakes(url, policy)).toEqual([]);
    }
    for (const url of [
      'https://a.localhost/',
      'https://b.default.svc/',
      'http://localhost/',
      'https://localhost:22/',
      'https://127.0.0.1/',
    ]) {
      expect(mistakes(url, policy)).not.toEqual([]);
    }
  });

  test('our own origin stays refused', () => {
    const policy = {
      allowHosts: ['localhost'],
      allowNetworks: ['127.0.0.0/8'],
      publicOrigin: 'http://localhost:4000',
    };
    expect(mistakes('https://localhost:4000/api', policy)).toContainEqual(expect.stringMatching(/itself/));
    expect(mistakes('https://localhost:4001/api', policy)).toEqual([]);
  });
});

describe('what the URL parser makes of odd notations (should it change, the rules must be looked at again)', () => {
  test.each([
    ['https://127.1/', '127.0.0.1'],
    ['https://0x7f.0.0.1/', '127.0.0.1'],
    ['https://0177.0.0.1/', '127.0.0.1'],
    ['https://127.0.0.1./', '127.0.0.1'],
    ['https://１２７。0．0｡1/', '127.0.0.1'],
    ['https://%31%32%37.1/', '127.0.0.1'],
    ['https://[::ffff:127.0.0.1]/', '[::ffff:7f00:1]'],
    ['https://exam\tple.com/', 'example.com'],
    ['https://exam\u00adple.com/', 'example.com'],
    ['https://example.com\\@evil.example/', 'example.com'],
    ['https:/example.com', 'example.com'],
    ['https://example.com./', 'example.com.'],
    ['https://a..example/', 'a..example'],
  ])('%j has the host %s', (url, host) => {
    expect(URL.parse(url)?.hostname).toBe(host);
  });
  test.each([
    'https://[127.0.0.1]/',
    'https://[::1%lo]/',
    'https://::1/',
    'https://1.2.3.4.5/',
    'https://256.1.1.1/',
    'https://0x100000000/',
    'https://a.0x/',
    'https://foo.08/',
  ])('%s is no URL', (url) => {
    expect(URL.parse(url)).toBeNull();
  });
});
