import {expect, test} from '@jest/globals';
import {describeWith} from '@keelson/test-kit';
import {answerOf, buildApp, realApp, registry, type RealApp} from './real-app.ts';

// next names each of its builds at random: https://nextjs.org/docs/app/api-reference/config/next-config-js/generateBuildId
const APPS: readonly (readonly [name: RealApp, manager: string, reproducible: boolean])[] = [
  ['express', 'npm', true],
  ['fastify', 'pnpm', true],
  ['next', 'npm', false],
  ['nest', 'yarn', true],
];

describeWith([registry()], 'apps from npm', () => {
  test.each(APPS)(
    '%s with a lockfile of %s is built, extracted elsewhere and started; two installations give the same bytes: %s',
    async (name, manager, reproducible) => {
      await using dir = await realApp(name);
      const archive = await buildApp(dir, 'one.tgz');
      expect(archive.manifest.packageManager.name).toBe(manager);
      const again = await buildApp(dir, 'two.tgz');
      expect(again.fileDigest === archive.fileDigest).toBe(reproducible);
      expect(await answerOf(archive, dir)).toContain(`${name} says hello`);
    },
    600_000,
  );

  test.each(['express', 'fastify', 'nest'] as const)(
    '%s, packed with nothing but what it reaches, starts elsewhere with less than half of the files',
    async (name) => {
      await using dir = await realApp(name);
      const whole = await buildApp(dir, 'whole.tgz');
      const traced = await buildApp(dir, 'traced.tgz', {contents: {trace: true}});
      expect(traced.manifest.contents.entries).toBeLessThan(whole.manifest.contents.entries / 2);
      expect(await answerOf(traced, dir)).toContain(`${name} says hello`);
    },
    600_000,
  );
});
