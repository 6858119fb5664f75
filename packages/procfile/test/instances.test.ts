import {describe, expect, test} from '@jest/globals';
import {
  chooseBasePort,
  expandFormation,
  parseFormation,
  parsePort,
  parseProcfile,
  type Formation,
  type PortOptions,
} from '@keelson/procfile';
import {expectFault} from '@keelson/test-kit';
import fc from 'fast-check';

const three = parseProcfile('web: a\napi: b\nlog: c');
const ports = (formation?: Formation | string, options?: PortOptions) =>
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
      'as many as fit before the next type',
      ['web=100'],
      Object.fromEntries(Array.from({length: 100}, (_, i) => [`web.${i + 1}`, 5000 + i])),
    ],
    [
      'more than that behind the last type',
      ['log=101'],
      Object.fromEntries(Array.from({length: 101}, (_, i) => [`log.${i + 1}`, 5200 + i])),
    ],
    [
      'a port of its own moves no other type',
      ['all=1,web=2', {fixedPorts: {web: 8080, log: undefined}}],
      {'web.1': 8080, 'web.2': 8081, 'api.1': 5100, 'log.1': 5200},
    ],
    [
      'nor is it moved by the base or the step',
      ['api,log', {basePort: 3000, portStep: 10, fixedPorts: {api: 81}}],
      {'api.1': 81, 'log.1': 3020},
    ],
    ['a port for a type that is not there', ['web', {fixedPorts: {other: 1}}], {'web.1': 5000}],
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
    [
      'into a type that could be started later',
      ['web=101'],
      'PORT_COLLISION',
      'web.101 and api.1 (when it is started) would both get port 5100',
    ],
    [
      'more instances than the step',
      ['web=11', {portStep: 10}],
      'PORT_COLLISION',
      'web.11 and api.1 (when it is started) would both get port 5010',
    ],
    [
      'a port of its own in the range of another type',
      ['all=2', {fixedPorts: {log: 5001}}],
      'PORT_COLLISION',
      'web.2 and log.1 would both get port 5001',
    ],
    [
      'the same port of its own',
      ['web,api', {fixedPorts: {web: 80, api: 80}}],
      'PORT_COLLISION',
      'web.1 and api.1 would both get port 80',
    ],
    [
      'a port of its own that is none',
      ['web', {fixedPorts: {web: 0}}],
      'PORT_INVALID',
      'port of web is not a port',
    ],
    [
      'a port of its own, too high',
      ['web=2', {fixedPorts: {web: 65535}}],
      'PORT_INVALID',
      'web.2 would get port 65536',
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

  test.each<[string, Record<string, number>]>([
    ['log,web', {'log.1': 5000, 'web.1': 5100}],
    ['api', {'api.1': 5000}],
    ['web=0,api', {'api.1': 5100}],
    ['web=2,log=2,api', {'web.1': 5000, 'web.2': 5001, 'log.1': 5100, 'log.2': 5101, 'api.1': 5200}],
    ['log,all=1', {'log.1': 5000, 'web.1': 5100, 'api.1': 5200}],
    ['', {'web.1': 5000, 'api.1': 5100, 'log.1': 5200}],
  ])('counted in the selection, as node-foreman does: %s', (formation, expected) => {
    expect(ports(formation, {portsBy: 'selection'})).toEqual(expected);
  });

  test('in the selection, nothing that is not selected is in the way', async () => {
    expect(Object.keys(ports('web=101', {portsBy: 'selection'}))).toHaveLength(101);
    await expectFault(() => ports('web=101,api', {portsBy: 'selection'}), 'PORT_COLLISION');
  });

  test('without ports: only the names, and no port can be wrong', () => {
    const instances = expandFormation(three, {web: 101, api: 1}, {noPort: true, basePort: 0});
    expect(instances).toHaveLength(102);
    expect(instances[0]).toStrictEqual({name: 'web.1', type: 'web', index: 1, command: 'a'});
  });

  test('ports are unique and those of a type stay, whatever the formation', () => {
    const count = fc.integer({min: 0, max: 120});
    fc.assert(
      fc.property(fc.record({web: count, api: count, log: count}), (formation) => {
        fc.pre(formation.web <= 100 && formation.api <= 100);
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

describe('chooseBasePort', () => {
  const sources = (...values: (string | number | undefined)[]) =>
    ['--port', '.env: PORT', 'PORT'].map((name, index) => ({name, value: values[index]}));

  test.each<[(string | number | undefined)[], number]>([
    [[3000, '4000', '6000'], 3000],
    [[undefined, '6000', '4000'], 6000],
    [[undefined, undefined, '4000'], 4000],
    [[undefined, '', '4000'], 4000],
    [[], 5000],
  ])('the flag, then the env file, then the environment, then 5000: %j', (values, port) => {
    expect(chooseBasePort(sources(...values))).toBe(port);
  });

  test('one that is wrong is named, not passed over', async () => {
    const fault = await expectFault(
      () => chooseBasePort(sources(undefined, 'forego', '4000')),
      'PORT_INVALID',
    );
    expect(fault.message).toBe('.env: PORT is not a port: "forego"');
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
