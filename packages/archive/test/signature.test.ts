import {createHash, createPublicKey, generateKeyPairSync, verify} from 'node:crypto';
import {copyFile, readFile, stat, writeFile} from 'node:fs/promises';
import {describe, expect, test} from '@jest/globals';
import {
  createKeyPair,
  extractArchive,
  openArchive,
  signArchive,
  verifyProvenance,
  verifySignature,
  writeArchive,
  writeProvenance,
} from '@keelson/archive';
import {expectFault, testdir} from '@keelson/test-kit';
import {FACTS} from './facts.ts';

async function signed() {
  const work = await testdir();
  await using app = await testdir({'a.js': 'a', 'node_modules/b/index.js': 'b'});
  const archive = await writeArchive(app.path, {facts: FACTS, to: work.at('app.tgz')});
  const keys = createKeyPair(work.at('build.key'));
  const signature = await signArchive(archive, {key: keys.privateKey});
  return {work, archive, keys, signature};
}

describe('a signature', () => {
  test('is made with a new key pair, and holds', async () => {
    const {work: all, archive, keys, signature} = await signed();
    await using work = all;
    expect(signature).toEqual({
      kind: 'archive-signature',
      path: work.at('app.tgz.sig'),
      digest: archive.digest,
      keyId: keys.keyId,
    });
    expect((await stat(keys.privateKey)).mode & 0o777).toBe(0o600);
    const yes = {kind: 'signature-verification', valid: true, keyId: keys.keyId};
    expect(await verifySignature(archive, {key: keys.publicKey})).toEqual(yes);
    expect(await verifySignature(archive, {key: await readFile(keys.publicKey, 'utf8')})).toEqual(yes);
  });

  test('holds for the same archive as a folder, as another kind of file, and built elsewhere', async () => {
    const {work: all, archive, keys, signature} = await signed();
    await using work = all;
    await extractArchive(archive, work.at('tree'));
    await using again = await testdir({'a.js': 'a', 'node_modules/b/index.js': 'b'});
    const other = await writeArchive(again.path, {facts: FACTS, to: work.at('other.tar')});
    for (const each of [await openArchive(work.at('tree')), other]) {
      const {valid} = await verifySignature(each, {key: keys.publicKey, signature: signature.path});
      expect(valid).toBe(true);
    }
  });

  test('does not hold for another tree, nor for another keelson.json of the same tree', async () => {
    const {work: all, keys, signature} = await signed();
    await using work = all;
    const trees = [
      [{'a.js': 'A', 'node_modules/b/index.js': 'b'}, FACTS],
      [
        {'a.js': 'a', 'node_modules/b/index.js': 'b'},
        {...FACTS, processTypes: ['evil']},
      ],
    ] as const;
    for (const [tree, facts] of trees) {
      await using app = await testdir(tree);
      const other = await writeArchive(app.path, {facts, to: work.at('other.tgz')});
      expect(await verifySignature(other, {key: keys.publicKey, signature: signature.path})).toMatchObject({
        valid: false,
        because: expect.stringMatching(/for another archive: app 1.2.3, sha256-/),
      });
    }
  });

  test.each([
    ['nothing', async (path: string) => writeFile(path, ''), /is not one/],
    ['no JSON', async (path: string) => writeFile(path, 'yes'), /is not one/],
    ['too much', async (path: string) => writeFile(path, ' '.repeat(70_000)), /is not one/],
    [
      'another payload',
      async (path: string) => {
        const file = JSON.parse(await readFile(path, 'utf8')) as {payload: string};
        const payload = Buffer.from(file.payload, 'base64').toString().replace('1.2.3', '1.2.4');
        await writeFile(path, JSON.stringify({...file, payload: Buffer.from(payload).toString('base64')}));
      },
      /not signed with this key/,
    ],
    [
      'another type',
      async (path: string) =>
        writeFile(path, (await readFile(path, 'utf8')).replace('vnd.keelson.archive', 'vnd.other')),
      /for something else/,
    ],
    [
      'no signature',
      async (path: string) =>
        writeFile(
          path,
          JSON.stringify({...(JSON.parse(await readFile(path, 'utf8')) as object), signatures: []}),
        ),
      /not signed with this key/,
    ],
  ])('file with %s does not hold', async (_title, change, because) => {
    const {work: all, archive, keys, signature} = await signed();
    await using _work = all;
    await change(signature.path);
    const verification = await verifySignature(archive, {key: keys.publicKey});
    expect(verification.valid).toBe(false);
    expect(verification.because).toMatch(because);
  });

  test('of another key does not hold', async () => {
    const {work: all, archive} = await signed();
    await using work = all;
    const other = createKeyPair(work.at('other.key'));
    const {valid, because} = await verifySignature(archive, {key: other.publicKey});
    expect([valid, because]).toEqual([false, expect.stringMatching(/not signed with this key/)]);
  });

  test('that is not there does not hold', async () => {
    const {work: all, archive, keys} = await signed();
    await using work = all;
    await copyFile(archive.path, work.at('copy.tgz'));
    const copy = await openArchive(work.at('copy.tgz'));
    expect(await verifySignature(copy, {key: keys.publicKey})).toMatchObject({
      valid: false,
      because: `it is not signed: there is no ${work.at('copy.tgz.sig')}`,
    });
  });

  test('is not given to an archive that is not what it says', async () => {
    const {work: all, archive, keys} = await signed();
    await using work = all;
    await extractArchive(archive, work.at('tree'));
    await writeFile(work.at('tree/a.js'), 'A');
    await expectFault(
      signArchive(await openArchive(work.at('tree')), {key: keys.privateKey}),
      'ARCHIVE_DIGEST',
    );
  });
});

describe('a key', () => {
  test.each([
    ['that is not there', undefined, /is not there/],
    ['that is none', 'x', /holds no private key/],
    [
      'of another kind',
      generateKeyPairSync('ec', {namedCurve: 'P-256'}).privateKey,
      /of type ec, not ed25519/,
    ],
    ['that is public', generateKeyPairSync('ed25519').publicKey, /holds no private key/],
  ])('%s does not sign', async (_title, key, message) => {
    const {work: all, archive} = await signed();
    await using work = all;
    if (typeof key === 'string') await work.write({key});
    else if (key?.type === 'public') await work.write({key: key.export({type: 'spki', format: 'pem'})});
    else if (key !== undefined) await work.write({key: key.export({type: 'pkcs8', format: 'pem'})});
    const fault = await expectFault(signArchive(archive, {key: work.at('key')}), 'ARCHIVE_KEY');
    expect(fault.message).toMatch(message);
    expect(fault.message).toContain(work.at('key'));
  });

  test('is never overwritten', async () => {
    const {work: all, keys} = await signed();
    await using work = all;
    const before = await readFile(keys.privateKey);
    expect(() => createKeyPair(work.at('build.key'))).toThrow(/never overwritten/);
    expect(await readFile(keys.privateKey)).toEqual(before);
  });
});

describe('a provenance statement', () => {
  test('names the archive, its sources, its lockfile and its builder, and nothing that varies', async () => {
    await using work = await testdir();
    await using app = await testdir({'a.js': 'a'});
    const lockDigest = `sha256-${'a'.repeat(64)}` as const;
    const packageManager = {...FACTS.packageManager, lockDigest};
    const dependencies = {installScripts: {ran: ['x@1.0.0'], heldBack: []}, signatures: {verified: 3}};
    const facts = {...FACTS, packageManager, dependencies};
    const archive = await writeArchive(app.path, {facts, to: work.at('app.tgz')});
    const {statement, path} = await writeProvenance(archive);
    expect(path).toBe(work.at('app.tgz.intoto.json'));
    const sha256 = createHash('sha256')
      .update(await readFile(archive.path))
      .digest('hex');
    expect(statement).toMatchObject({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [
        {name: 'app.tgz', digest: {sha256}},
        {name: 'app@1.2.3', digest: {keelsonArchive: archive.digest.slice('sha256-'.length)}},
      ],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          externalParameters: {source: FACTS.source, scripts: ['build']},
          internalParameters: {node: FACTS.node, packageManager, dependencies},
          resolvedDependencies: [
            {uri: 'git+https://git.example.com/app.git', digest: {gitCommit: 'f'.repeat(40)}},
            {name: 'package-lock.json', digest: {sha256: 'a'.repeat(64)}},
          ],
        },
        runDetails: {builder: {id: 'pkg:npm/test', version: {test: '1.0.0'}}},
      },
    });
    const first = await readFile(path, 'utf8');
    expect(JSON.parse(first)).toEqual(statement);
    await writeProvenance(archive);
    expect(await readFile(path, 'utf8')).toBe(first);
  });

  test('with a key is a DSSE envelope as the protocol says', async () => {
    const {work: all, archive, keys} = await signed();
    await using work = all;
    const {path, statement, keyId} = await writeProvenance(archive, {
      key: keys.privateKey,
      to: work.at('p.json'),
    });
    expect(keyId).toBe(keys.keyId);
    const {payloadType, payload, signatures} = JSON.parse(await readFile(path, 'utf8')) as {
      payloadType: string;
      payload: string;
      signatures: {sig: string}[];
    };
    expect(payloadType).toBe('application/vnd.in-toto+json');
    const body = Buffer.from(payload, 'base64');
    expect(JSON.parse(body.toString('utf8'))).toEqual(statement);
    const bytes = Buffer.concat([Buffer.from(`DSSEv1 28 ${payloadType} ${body.length} `), body]);
    const key = createPublicKey(await readFile(keys.publicKey));
    expect(verify(null, bytes, key, Buffer.from(signatures[0]!.sig, 'base64'))).toBe(true);
    // It is no signature of the archive itself.
    expect(await verifySignature(archive, {key: keys.publicKey, signature: path})).toMatchObject({
      valid: false,
    });
  });

  test('holds for its archive in any form, and for nothing else', async () => {
    const {work: all, archive, keys, signature} = await signed();
    await using work = all;
    const check = (of: typeof archive, provenance?: string, key = keys.publicKey) =>
      verifyProvenance(of, {key, provenance});
    expect(await check(archive)).toMatchObject({
      valid: false,
      because: expect.stringMatching(/there is no .*app\.tgz\.intoto\.json/),
    });
    const {path} = await writeProvenance(archive, {key: keys.privateKey});
    const yes = {kind: 'provenance-verification', valid: true, keyId: keys.keyId};
    expect(await check(archive)).toEqual(yes);
    await extractArchive(archive, work.at('tree'));
    expect(await check(await openArchive(work.at('tree')), path)).toEqual(yes);

    await using app = await testdir({'a.js': 'a', 'node_modules/b/index.js': 'b'});
    const write = (root: string, facts: typeof FACTS, to: string) =>
      writeArchive(root, {facts, to: work.at(to)});
    const elsewhere = await write(app.path, {...FACTS, source: {revision: 'e'.repeat(40)}}, 'e.tgz');
    expect((await check(elsewhere, path)).because).toMatch(/something else than keelson\.json/);
    await writeFile(app.at('a.js'), 'A');
    expect((await check(await write(app.path, FACTS, 'o.tgz'), path)).because).toMatch(/another archive/);
    const other = createKeyPair(work.at('other.key'));
    expect((await check(archive, path, other.publicKey)).because).toMatch(/not signed with this key/);
    expect((await check(archive, signature.path)).because).toMatch(/for something else/);
    const text = JSON.parse(await readFile(path, 'utf8')) as {payload: string};
    const changed = Buffer.from(text.payload, 'base64').toString('utf8').replace('"build"', '"built"');
    await writeFile(path, JSON.stringify({...text, payload: Buffer.from(changed).toString('base64')}));
    expect((await check(archive)).because).toMatch(/was changed/);
    await writeProvenance(archive);
    expect((await check(archive)).because).toBe('its provenance is not signed');
    for (const junk of ['', 'null', '{', '[]', '{"payloadType": 1}']) {
      await writeFile(path, junk);
      expect((await check(archive)).valid).toBe(false);
    }
  });

  test('is not written for an archive that is not what it says', async () => {
    const {work: all, archive} = await signed();
    await using work = all;
    await extractArchive(archive, work.at('tree'));
    await writeFile(work.at('tree/a.js'), 'b');
    await expectFault(writeProvenance(await openArchive(work.at('tree'))), 'ARCHIVE_DIGEST');
  });
});
