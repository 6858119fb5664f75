import {describe, expect, test} from '@jest/globals';
import {expandFormation, parseFormation, parsePort, parseProcfile, type Formation} from '@keelson/procfile';
import {expectFault} from '@keelson/test-kit';
import fc from 'fast-check';

const three = parseProcfile('web: a\napi: b\nlog: c');
const ports = (formation?: Formation | string, options?: {basePort?: number; portStep?: number}) =>
  Object.fromEntries(
    expandFormation(
      three,
      typeof formation === 'string' ? parseFormation(formation) : formation,
      options,
    ).map(({name, port}) => [name, port]),
  );

describe('parseFormation', () => {
  test.each<[string, Formation]>([
    ['', {}],
    ['  ', {}],
    ['web=2,worker=1', {web: 2, worker: 1}],
    ['foo   =   2, bar = 3', {foo: 2, bar: 3}],
    ['web=2,log=0,api', {web: 2, log: 0, api: 1}],
    ['all=1,worker=0', {all: 1, worker: 0}],
    ['-a=1,1=2', {'-a': 1, '1': 2}],
  ])('%j', (text, formation) => {
    expect(parseFormation(text)).toEqual(formation);
  });

  test('__proto__ is a name like any other', () => {
    expect(Object.entries(parseFormation('__proto__=2'))).toEqual([['__proto__', 2]]);
  });

  test.each([
    'foo=x',
    'foo===2',
    'foo=',
    '=',
    '=1',
    ',',
    ',,,',
    'foo=-1',
    'foo=1.5',
    'foo=1e3',
    'foo=0x1',
    'foo=2,',
    ',foo=2',
    'foo=2 bar=1',
    'foo=1,foo=2',
    'foo:2',
    'föö=1',
    'foo=999999',
    'foo=٣',
  ])('%j is none', async (text) => {
    const fault = await expectFault(() => parseFormation(text), 'FORMATION_SYNTAX');
    expect(fault.message).toContain(text);
    expect(fault.hint).toContain('TYPE=N');
  });
});

describe('expandFormation', () => {
  test('an instance', () => {
    expect(expandFormation(three, {api: 2})[1]).toEqual({
      name: 'api.2',
      type: 'api',
      index: 2,
      command: 'b',
      port: 5101,
    });
  });

  test.each<[string, Parameters<typeof ports>, Record<string, number>]>([
    ['no formation: one of each', [], {'web.1': 5000, 'api.1': 5100, 'log.1': 5200}],
    ['an empty one too', [{}], {'web.1': 5000, 'api.1': 5100, 'log.1': 5200}],
    ['instances are 1 apart', ['web=2,api=2'], {'web.1': 5000, 'web.2': 5001, 'api.1': 5100, 'api.2': 5101}],
    ['a port does not depend on what else is started', ['api'], {'api.1': 5100}],
    ['nor on the order of the formation', ['log,web'], {'web.1': 5000, 'log.1': 5200}],
    ['types that are not named do not start', ['web=2'], {'web.1': 5000, 'web.2': 5001}],
    [
      'all',
      ['all=2'],
      {'web.1': 5000, 'web.2': 5001, 'api.1': 5100, 'api.2': 5101, 'log.1': 5200, 'log.2': 5201},
    ],
    ['all but', ['all=1,api=0'], {'web.1': 5000, 'log.1': 5200}],
    ['none', ['all=0'], {}],
    [
      'base port and step',
      ['web=2,log=1', {basePort: 3000, portStep: 10}],
      {'web.1': 3000, 'web.2': 3001, 'log.1': 3020},
    ],
    ['the last port', ['web=1', {basePort: 65535}], {'web.1': 65535}],
    [
      'a wide type before one that is not started',
      ['web=150'],
      Object.fromEntries(Array.from({length: 150}, (_, i) => [`web.${i + 1}`, 5000 + i])),
    ],
  ])('%s', (_title, args, expected) => {
    expect(ports(...args)).toEqual(expected);
  });

  test.each<[string, Parameters<typeof ports>, string, string]>([
    ['unknown type', ['nope'], 'FORMATION_UNKNOWN_TYPE', 'unknown process nope'],
    ['each unknown type', ['web=1,x=0,y=1'], 'FORMATION_UNKNOWN_TYPE', 'unknown process x, y'],
    ['a name of JavaScript', ['constructor=1'], 'FORMATION_UNKNOWN_TYPE', 'unknown process constructor'],
    ['negative', [{web: -1}], 'FORMATION_SYNTAX', 'web has to be a whole number'],
    ['a fraction', [{web: 1.5}], 'FORMATION_SYNTAX', 'web has to be a whole number'],
    ['no number', [{web: Number.NaN}], 'FORMATION_SYNTAX', 'web has to be a whole number'],
    ['into the next type', ['web=101,api=1'], 'PORT_COLLISION', 'web.101 and api.1 would both get port 5100'],
    [
      'over a type in between',
      ['web=201,log=1'],
      'PORT_COLLISION',
      'web.201 and log.1 would both get port 5200',
    ],
    ['above the last port', ['web=99999'], 'PORT_INVALID', 'web.99999 would get port 104998'],
    ['a count that no array holds', [{web: 2 ** 40}], 'PORT_INVALID', 'above 65535'],
    ['above, by the base', ['api', {basePort: 65500}], 'PORT_INVALID', 'api.1 would get port 65600'],
    ['base port 0', ['web', {basePort: 0}], 'PORT_INVALID', 'base port is not a port'],
    ['base port NaN', ['web', {basePort: Number.NaN}], 'PORT_INVALID', 'base port is not a port'],
    ['step 0', ['web', {portStep: 0}], 'PORT_INVALID', 'port step'],
  ])('fault: %s', async (_title, args, code, message) => {
    expect((await expectFault(() => ports(...args), code)).message).toContain(message);
  });

  test('no types', async () => {
    expect((await expectFault(() => expandFormation(parseProcfile('')), 'PROCFILE_EMPTY')).message).toContain(
      'no processes',
    );
  });

  test('ports are unique and those of a type stay, whatever the formation', () => {
    const count = fc.integer({min: 0, max: 120});
    fc.assert(
      fc.property(fc.record({web: count, api: count, log: count}), (formation) => {
        const overlaps =
          (formation.web > 100 && formation.api > 0) || (formation.api > 100 && formation.log > 0);
        fc.pre(!overlaps);
        const instances = expandFormation(three, formation);
        expect(instances).toHaveLength(formation.web + formation.api + formation.log);
        expect(new Set(instances.map(({port}) => port)).size).toBe(instances.length);
        for (const one of instances) {
          const [alone] = expandFormation(three, {[one.type]: one.index}).slice(-1);
          expect(alone).toEqual(one);
        }
      }),
      {numRuns: 20},
    );
  });
});

describe('parsePort', () => {
  test.each([
    ['5000', 5000],
    [' 1 ', 1],
    ['65535', 65535],
  ])('%j', (text, port) => {
    expect(parsePort(text)).toBe(port);
  });

  test.each(['forego', '', '0', '65536', '-1', '1.5', '0x50', '80a'])('%j is none', async (text) => {
    expect((await expectFault(() => parsePort(text, '.env: PORT'), 'PORT_INVALID')).message).toBe(
      `.env: PORT is not a port: ${JSON.stringify(text)}`,
    );
  });
});
