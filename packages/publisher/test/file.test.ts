import {readdirSync, readFileSync} from 'node:fs';
import {resolve} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {extractArchive, openArchive} from '@keelson/archive';
import {publish} from '@keelson/publisher';
import {expectFault} from '@keelson/test-kit';
import {builtArchive} from './built-archive.ts';

describe('publish to a file', () => {
  test('copies the bytes, makes folders, and does nothing the second time', async () => {
    await using dir = await builtArchive();
    const to = {kind: 'file', path: dir.at('a/b/web.tgz')} as const;
    const publication = await publish(dir.archive, to);
    expect(publication).toEqual({
      kind: 'publication',
      to,
      digest: dir.archive.digest,
      revision: dir.archive.fileDigest,
      result: 'published',
      lines: [],
    });
    expect(readFileSync(to.path).equals(readFileSync(dir.archive.path))).toBe(true);
    expect(await publish(dir.archive, to)).toEqual({...publication, result: 'already-published'});
    expect(readdirSync(dir.at('a/b'))).toEqual(['web.tgz']);
  });

  test('replaces another file', async () => {
    await using dir = await builtArchive();
    await dir.write({'web.tgz': 'old'});
    const path = dir.at('web.tgz');
    expect(await publish(dir.archive, {kind: 'file', path})).toMatchObject({result: 'published'});
    expect(await openArchive(path)).toMatchObject({digest: dir.archive.digest});
  });

  test.each([
    ['a folder', 'app', 'it is a folder'],
    ['below a file', 'app/server.js/web.tgz', 'a part of it is a file'],
    ['where nobody makes a folder', '/proc/keelson/web.tgz', 'there can be no such folder'],
  ])('%s is refused', async (_, path, because) => {
    await using dir = await builtArchive();
    const fault = await expectFault(
      publish(dir.archive, {kind: 'file', path: resolve(dir.path, path)}),
      'PUBLISHER_DESTINATION',
    );
    expect(fault.message).toContain(because);
  });

  test('an archive that is a folder is packed for it', async () => {
    await using dir = await builtArchive();
    await extractArchive(dir.archive, dir.at('out'));
    const folder = await openArchive(dir.at('out'));
    const to = {kind: 'file', path: `${dir.at('store')}/`} as const;
    const publication = await publish(folder, to);
    expect(publication).toMatchObject({
      to: {kind: 'file', path: dir.at('store/web-1.0.0.tgz')},
      digest: dir.archive.digest,
    });
    await extractArchive(await openArchive(dir.at('store/web-1.0.0.tgz')), dir.at('again')); // verifies every byte
    expect(await publish(folder, to)).toEqual({...publication, result: 'already-published'});
  });

  test('aborting leaves nothing', async () => {
    await using dir = await builtArchive();
    const reason = new RangeError('enough');
    const to = {kind: 'file', path: dir.at('x/web.tgz')} as const;
    await expect(publish(dir.archive, to, {signal: AbortSignal.abort(reason)})).rejects.toBe(reason);
    const abort = new AbortController();
    const publishing = publish(dir.archive, to, {signal: abort.signal});
    abort.abort(reason);
    await expect(publishing).rejects.toBe(reason);
    expect((await dir.list()).filter((path) => path.startsWith('x/'))).toEqual([]);
  });
});
