import {expect, test} from '@jest/globals';
import {describeWith} from '@keelson/test-kit';
import {answerOf, buildApp, realApp, registry} from './real-app.ts';

// The others, with what their build needs, are in the soak.
describeWith([registry()], 'an app of express, from its lockfile of npm', () => {
  test('is built, extracted elsewhere and started; two installations give the same bytes', async () => {
    await using dir = await realApp('express');
    const archive = await buildApp(dir, 'one.tgz');
    const again = await buildApp(dir, 'two.tgz');
    expect(again.fileDigest).toBe(archive.fileDigest);
    expect(await answerOf(archive, dir)).toBe('express says hello');
  });
});
