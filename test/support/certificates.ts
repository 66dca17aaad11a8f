import 'reflect-metadata'; // @peculiar/x509 refuses to load without it.
import { webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const DAY_MS = 86_400_000;
/** Keys on this curve are made in a fraction of a millisecond. */
const ELLIPTIC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

const WEAK_RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 1024,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: 'SHA-256',
};

/** A certificate chain and its private key, as `https.createServer` takes them. */
export interface ServerCertificate {
  cert: string;
  key: string;
}

/** What a server's certificate should be; the default is one that is right for a receiver on loopback. */
export interface CertificateWish {
  /** DNS names of the subject alternative name. */
  names?: readonly string[];
  /** IP addresses of the subject alternative name. */
  addresses?: readonly string[];
  notBefore?: Date;
  notAfter?: Date;
  /** Signed by its own key, not by the CA. */
  selfSigned?: boolean;
  /** The name is only in the subject's common name, as it was done until 2000. */
  commonNameOnly?: string;
  /** An RSA key of 1,024 bits; the server needs `ciphers: 'DEFAULT@SECLEVEL=0'` to present it at all. */
  weakKey?: boolean;
  /** Signed by the CA with SHA-1. */
  weakHash?: boolean;
  /** Signed by an intermediate CA that the server does not send. */
  missingIntermediate?: boolean;
}

interface Authority {
  certificate: X509Certificate;
  keys: CryptoKeyPair;
}

type CryptoKeyPair = webcrypto.CryptoKeyPair;

let root: Promise<Authority> | undefined;
let intermediate: Promise<Authority> | undefined;
let usual: Promise<ServerCertificate> | undefined;

/** The PEM of the test CA: made once per process, trusted by nobody but who is given it. */
export async function testCa(): Promise<string> {
  root ??= makeAuthority('Velahook test CA');
  return (await root).certificate.toString('pem');
}

/** Issues a server certificate. Without a wish it is for `localhost`, 127.0.0.1..127.0.0.3 and ::1. */
export function issueCertificate(wish: CertificateWish = {}): Promise<ServerCertificate> {
  if (Object.keys(wish).length > 0) return issue(wish);
  usual ??= issue({});
  return usual;
}

async function issue(wish: CertificateWish): Promise<ServerCertificate> {
  root ??= makeAuthority('Velahook test CA');
  let authority = await root;
  if (wish.missingIntermediate === true) {
    intermediate ??= makeAuthority('Velahook test intermediate', authority);
    authority = await intermediate;
  }
  const keys = await makeKeys(wish.weakKey === true ? WEAK_RSA : ELLIPTIC);
  const own = wish.selfSigned === true;
  const hash = wish.weakHash === true ? 'SHA-1' : 'SHA-256';
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${wish.commonNameOnly ?? 'receiver.test'}`,
    issuer: own ? 'CN=receiver.test' : authority.certificate.subject,
    notBefore: wish.notBefore ?? new Date(Date.now() - DAY_MS),
    notAfter: wish.notAfter ?? new Date(Date.now() + DAY_MS),
    publicKey: keys.publicKey,
    signingKey: own ? keys.privateKey : authority.keys.privateKey,
    signingAlgorithm: { ...ELLIPTIC, hash },
    extensions: [
      new BasicConstraintsExtension(false),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      ...(wish.commonNameOnly === undefined ? [new SubjectAlternativeNameExtension(generalNames(wish))] : []),
    ],
  });
  return { cert: certificate.toString('pem'), key: await privatePem(keys) };
}

function generalNames(wish: CertificateWish): JsonGeneralName[] {
  const given = wish.names !== undefined || wish.addresses !== undefined;
  const names = wish.names ?? (given ? [] : ['localhost']);
  const addresses = wish.addresses ?? (given ? [] : ['127.0.0.1', '127.0.0.2', '127.0.0.3', '::1']);
  return [
    ...names.map((value): JsonGeneralName => ({ type: 'dns', value })),
    ...addresses.map((value): JsonGeneralName => ({ type: 'ip', value })),
  ];
}

async function makeAuthority(name: string, parent?: Authority): Promise<Authority> {
  const keys = await makeKeys(ELLIPTIC);
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: parent?.certificate.subject ?? `CN=${name}`,
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + 30 * DAY_MS),
    publicKey: keys.publicKey,
    signingKey: parent?.keys.privateKey ?? keys.privateKey,
    signingAlgorithm: ELLIPTIC,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await AuthorityKeyIdentifierExtension.create(parent?.keys.publicKey ?? keys.publicKey),
    ],
  });
  return { certificate, keys };
}

function makeKeys(algorithm: typeof ELLIPTIC | typeof WEAK_RSA): Promise<CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<CryptoKeyPair>;
}

async function privatePem(keys: CryptoKeyPair): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${der.replace(/.{64}/g, '$&\n').trim()}\n-----END PRIVATE KEY-----\n`;
}
