import {execFileSync} from 'node:child_process';
import {createHash, generateKeyPairSync, sign} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {testdir} from '@keelson/test-kit';

export interface FakeRegistry extends AsyncDisposable {
  readonly url: string;
  /** What it was asked for. */
  readonly asked: string[];
}

export interface FakePackage {
  readonly published: Date;
  /** The signature is this, not the right one; none when empty. */
  readonly signature?: string;
}

/** By name; each is the same every time. */
const packed = new Map<string, Buffer>();

function pack(folder: string): Buffer {
  const [{filename}] = JSON.parse(
    execFileSync('npm', ['pack', '--json'], {cwd: folder, encoding: 'utf8', stdio: 'pipe'}),
  ) as [{filename: string}];
  return readFileSync(join(folder, filename));
}

/** A registry on this machine with version 1.0.0 of some packages, signed as npm's: https://docs.npmjs.com/about-registry-signatures */
export async function fakeRegistry(
  packages: Readonly<Record<string, FakePackage>>,
  {keys = true}: {readonly keys?: boolean} = {},
): Promise<FakeRegistry> {
  const {privateKey, publicKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'});
  const der = publicKey.export({type: 'spki', format: 'der'});
  const keyid = `SHA256:${createHash('sha256').update(der).digest('base64').replace(/=+$/, '')}`;
  const kind = 'ecdsa-sha2-nistp256';
  const key = {expires: null, keyid, keytype: kind, scheme: kind, key: der.toString('base64')};
  const answers = new Map<string, string | Buffer>();
  if (keys) answers.set('/-/npm/v1/keys', JSON.stringify({keys: [key]}));

  const asked: string[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const path = decodeURIComponent(request.url ?? '/');
    asked.push(path);
    const answer = answers.get(path);
    response.writeHead(answer === undefined ? 404 : 200, {'content-type': 'application/json'});
    response.end(answer ?? '{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  await using dir = await testdir();
  for (const [name, {published, signature}] of Object.entries(packages)) {
    const manifest = {name, version: '1.0.0', main: 'index.js'};
    const folder = name.replace('/', '+');
    await dir.write({[`${folder}/package.json`]: JSON.stringify(manifest), [`${folder}/index.js`]: ''});
    const tarball = packed.get(name) ?? pack(dir.at(folder));
    packed.set(name, tarball);
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
    const right = sign('sha256', Buffer.from(`${name}@1.0.0:${integrity}`), privateKey).toString('base64');
    const signatures = signature === '' ? [] : [{keyid, sig: signature ?? right}];
    const dist = {tarball: `${url}/tarballs/${folder}.tgz`, integrity, signatures};
    answers.set(`/tarballs/${folder}.tgz`, tarball);
    answers.set(
      `/${name}`,
      JSON.stringify({
        name,
        'dist-tags': {latest: '1.0.0'},
        versions: {'1.0.0': {...manifest, dist}},
        time: {'1.0.0': published.toISOString()},
      }),
    );
  }
  return {url, asked, [Symbol.asyncDispose]: async () => void (server.closeAllConnections(), server.close())};
}
