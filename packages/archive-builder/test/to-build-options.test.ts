import {expect, test} from '@jest/globals';
import fc from 'fast-check';
import {binaryOf} from '../dist/addon-binary.js';
import {toBuildOptions} from '../dist/to-build-options.js';

const FLAGS = {
  scripts: true,
  install: true,
  cache: false,
  strip: false,
  trace: false,
  'verify-signatures': false,
};
const within = (text: string) => toBuildOptions({...FLAGS, in: text}, {}).dependencies?.within;

test.each([
  ['chroot /srv/root', ['chroot', '/srv/root']],
  ['  podman  run -v "/a b:/a b" image ', ['podman', 'run', '-v', '/a b:/a b', 'image']],
  [`sh -c 'exec "$@"' sh`, ['sh', '-c', 'exec "$@"', 'sh']],
  [`--env=A="b c"'d e'f x`, ['--env=A=b cd ef', 'x']],
])('--in %s', (text, words) => {
  expect(within(text)).toEqual(words);
});

test('words in quotes of either kind are given on as they are', () => {
  const word = fc.string({minLength: 1}).filter((one) => !one.includes("'"));
  fc.assert(
    fc.property(fc.array(word, {minLength: 1}), (words) => {
      expect(within(words.map((one) => `'${one}'`).join(' '))).toEqual(words);
    }),
  );
});

test.each(["'open", 'a "b', '', '   '])('--in %j is a usage error', (text) => {
  expect(() => within(text)).toThrow(/no command with its quotes closed/);
});

test('whatever bytes a .node file holds, reading its header does not fail', () => {
  const magic = fc.constantFrom('', '\x7fELF', 'MZ', '\xcf\xfa\xed\xfe', '\xca\xfe\xba\xbe');
  fc.assert(
    fc.property(magic, fc.uint8Array({maxLength: 200}), (begin, rest) => {
      const binary = binaryOf(Buffer.concat([Buffer.from(begin, 'latin1'), rest]));
      expect(binary === undefined || Array.isArray(binary.archs)).toBe(true);
    }),
  );
});
