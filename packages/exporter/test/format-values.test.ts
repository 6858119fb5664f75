import {describe, expect, test} from '@jest/globals';
import {capabilityMatrix, FORMAT_NAMES, renderUnits, type Format, type ServiceModel} from '@keelson/exporter';
import {faultOf, testdir} from '@keelson/test-kit';
import fc from 'fast-check';

import {COMMANDS, model, REFUSED, VALUES} from './nasty.ts';

// renderUnits itself reads the files back, by a parser of the format, and compares them with the model.
async function outcome(format: Format, value: ServiceModel): Promise<string | undefined> {
  return renderUnits(format, value).then(
    () => 'comes back',
    (error: {code?: string}) => error.code,
  );
}

const quoted = (word: string) => `'${word.replace(/[\r\n]/g, ' ').replaceAll("'", `'\\''`)}'`;

// Every code point but the surrogates; fast-check's own `binary` takes a second to make its table.
const codePoint = fc
  .integer({min: 0, max: 0x10ffff - 0x800})
  .map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800));

const text = fc
  .string({
    unit: fc.oneof(fc.constantFrom(...Array.from('\\"\'$`%\n\r\t #;=[]{}<>&,:')), codePoint),
    maxLength: 40,
  })
  .filter((value) => !/\0|\p{Surrogate}|\p{Noncharacter_Code_Point}/u.test(value));

describe.each(FORMAT_NAMES)('%s', (format) => {
  const refused = REFUSED[format] ?? [];

  test('every value comes back as a variable and as an argument, or is refused', async () => {
    const {envStorage: stored} = (await capabilityMatrix())[format];
    // Where both are the same, once is enough.
    const storages = stored?.status === 'unsupported' ? (['file'] as const) : (['file', 'inline'] as const);
    for (const envStorage of storages)
      for (const [name, value] of Object.entries(VALUES)) {
        const process = {env: {V: value}, command: {argv: ['node', value]}};
        const own = model(process, {envStorage, user: {name: 'www-data'}});
        const wanted = refused.includes(name) ? 'EXPORT_VALUE' : 'comes back';
        expect([name, envStorage, await outcome(format, own)]).toEqual([name, envStorage, wanted]);
      }
  });

  test('every style of command comes back', async () => {
    for (const [name, command] of Object.entries(COMMANDS)) {
      const own = model({command, instances: 2, port: {base: 5000}});
      expect([name, await outcome(format, own)]).toEqual([name, 'comes back']);
    }
  });

  test('any text comes back, or is refused by name', async () => {
    await fc.assert(
      fc.asyncProperty(
        text,
        text,
        fc.constantFrom('file' as const, 'inline' as const),
        async (value, word, envStorage) => {
          const own = model({command: `node ${quoted(word)}`, env: {V: value}}, {envStorage});
          const allowed = refused.length > 0 ? ['comes back', 'EXPORT_VALUE'] : ['comes back'];
          expect(allowed).toContain(await outcome(format, own));
        },
      ),
      {numRuns: 60},
    );
  });

  test('a value changes nothing but itself', async () => {
    const plain = await renderUnits(format, model({env: {V: 'x'}}, {user: {name: 'www-data'}}));
    const attack = await renderUnits(
      format,
      model({env: {V: 'x\nUser=root\nuser=root\nsetuid root\n'}}, {user: {name: 'www-data'}}),
    );
    const outside = ({files}: typeof plain) =>
      files.map(({path}) => path).filter((path) => !path.endsWith('.sh'));
    expect(outside(attack)).toEqual(outside(plain));
  });

  test('every file carries the marker of the app, or lies beside the script that does', async () => {
    const {files} = await renderUnits(format, model({instances: 2, stop: {signal: 'SIGINT'}, boot: false}));
    for (const {path, content} of files) {
      const owner = files.find((file) => file.path === `${path.split('/')[0]}/run`) ?? {content};
      expect([content, owner.content].some((one) => one.slice(0, 200).includes('keelson app=shop'))).toBe(
        true,
      );
    }
  });
});

test.each(["'", '"'])('a template of one’s own that leaves a %s open is refused', async (quote) => {
  await using directory = await testdir({'runit/run.hbs': `#!/bin/sh\n{{marker}}\necho ${quote}\n`});
  const fault = await faultOf(renderUnits('runit', model(), {templates: [directory.path]}));
  expect(fault.code).toBe('EXPORT_MISMATCH');
});
