import {createServer} from 'node:net';
import {createSocket} from 'node:dgram';

import {describe, expect, test} from '@jest/globals';
import {expectFault, testdir} from '@keelson/test-kit';
import fc from 'fast-check';

import {
  assignPorts,
  bindTest,
  type Address,
  type AssignOptions,
  type BindResult,
  type PortLedger,
  type WantedAddress,
} from '@keelson/resource-limits';

/** A machine on which some addresses are taken, and what was tried on it. */
function machine(taken: Readonly<Record<string, BindResult>> = {}) {
  const tried: string[] = [];
  const nameOf = (address: Address) =>
    address.type === 'unix' ? address.path : `${address.type}:${address.port}`;
  const options: AssignOptions = {
    bindTest: (address) => {
      tried.push(nameOf(address));
      return Promise.resolve(taken[nameOf(address)] ?? 'free');
    },
    runtimeDir: '/run/shop',
  };
  return {options, tried};
}

const short = (assignments: Readonly<Record<string, Address>>) =>
  Object.fromEntries(
    Object.entries(assignments).map(([id, address]) => [
      id,
      address.type === 'unix' ? address.path : `${address.type} ${address.host}:${address.port}`,
    ]),
  );

const EMPTY: PortLedger = {kind: 'port-ledger', tcp: {}, udp: {}, unix: {}};

describe('assignPorts', () => {
  test('one counter from 1025 on, by name; unix sockets by name; udp ports are ports of their own', async () => {
    const {options} = machine();
    const wanted: WantedAddress[] = [
      {name: 'web', instances: 2},
      {name: 'metrics', type: 'udp'},
      {name: 'api', internal: true},
      {name: 'app', type: 'unix', instances: 2},
      {name: 'fixed', port: 8080, instances: 2, host: '::'},
    ];
    const {assignments, ledger} = await assignPorts(wanted, undefined, options);
    expect(short(assignments)).toEqual({
      'api.1': 'tcp 127.0.0.1:1025',
      'app.1': '/run/shop/app.1.sock',
      'app.2': '/run/shop/app.2.sock',
      'fixed.1': 'tcp :::8080',
      'fixed.2': 'tcp :::8081',
      'metrics.1': 'udp 0.0.0.0:1025',
      'web.1': 'tcp 0.0.0.0:1026',
      'web.2': 'tcp 0.0.0.0:1027',
    });
    expect(ledger).toEqual({
      kind: 'port-ledger',
      tcp: {'api.1': 1025, 'fixed.1': 8080, 'fixed.2': 8081, 'web.1': 1026, 'web.2': 1027},
      udp: {'metrics.1': 1025},
      unix: {'app.1': '/run/shop/app.1.sock', 'app.2': '/run/shop/app.2.sock'},
    });
  });

  test('ports that are taken or denied, and fixed ones, are passed over', async () => {
    const {options} = machine({'tcp:1025': 'taken', 'tcp:1027': 'denied'});
    const wanted = [
      {name: 'web', instances: 3},
      {name: 'fixed', port: 1028},
    ];
    const {assignments} = await assignPorts(wanted, EMPTY, options);
    expect(short(assignments)).toMatchObject({
      'web.1': 'tcp 0.0.0.0:1026',
      'web.2': 'tcp 0.0.0.0:1029',
      'web.3': 'tcp 0.0.0.0:1030',
    });
  });

  test('again: the same, also what was away meanwhile, and nothing that is ours is tried', async () => {
    const first = await assignPorts([{name: 'web', instances: 2}, {name: 'old'}], EMPTY, machine().options);
    const held = {'tcp:1025': 'taken', 'tcp:1026': 'taken', 'tcp:1027': 'taken'} as const;
    const second = machine(held);
    const less = await assignPorts([{name: 'a'}, {name: 'web', instances: 1}], first.ledger, second.options);
    expect(short(less.assignments)).toEqual({'a.1': 'tcp 0.0.0.0:1028', 'web.1': 'tcp 0.0.0.0:1026'});
    expect(second.tried).toEqual(['tcp:1028']);
    const third = machine({...held, 'tcp:1028': 'taken'});
    const again = await assignPorts(
      [{name: 'old'}, {name: 'web', instances: 2}, {name: 'a'}],
      less.ledger,
      third.options,
    );
    expect(short(again.assignments)).toEqual({
      'a.1': 'tcp 0.0.0.0:1028',
      'old.1': 'tcp 0.0.0.0:1025',
      'web.1': 'tcp 0.0.0.0:1026',
      'web.2': 'tcp 0.0.0.0:1027',
    });
    expect(third.tried).toEqual([]);
  });

  test('a fixed port takes an assigned one over, whose owner gets another', async () => {
    const before = await assignPorts([{name: 'web'}], EMPTY, machine().options);
    const {assignments, ledger} = await assignPorts(
      [{name: 'web'}, {name: 'new', port: 1025}],
      before.ledger,
      machine().options,
    );
    expect(short(assignments)).toEqual({'new.1': 'tcp 0.0.0.0:1025', 'web.1': 'tcp 0.0.0.0:1026'});
    expect(ledger.tcp).toEqual({'new.1': 1025, 'web.1': 1026});
  });

  test.each<[string, WantedAddress[], string, string, Readonly<Record<string, BindResult>>]>([
    [
      'two fixed ones',
      [
        {name: 'a', port: 80, instances: 2},
        {name: 'b', port: 81},
      ],
      'LIMITS_ADDRESS_TAKEN',
      'tcp port 81 is wanted by a.2 and by b.1',
      {},
    ],
    [
      'a fixed one in use',
      [{name: 'a', port: 8080}],
      'LIMITS_ADDRESS_TAKEN',
      'a.1: tcp port 8080 is in use by another program',
      {'tcp:8080': 'taken'},
    ],
    [
      'a fixed one that is not allowed',
      [{name: 'a', port: 80, type: 'udp'}],
      'LIMITS_ADDRESS_TAKEN',
      'a.1: udp port 80 may not be bound by this account',
      {'udp:80': 'denied'},
    ],
    [
      'a socket in use',
      [{name: 'a', type: 'unix'}],
      'LIMITS_ADDRESS_TAKEN',
      'a.1: /run/shop/a.1.sock is in use',
      {'/run/shop/a.1.sock': 'taken'},
    ],
    ['no port', [{name: 'a', port: 65_535, instances: 2}], 'LIMITS_ADDRESS', 'ports 65535 to 65536', {}],
    ['twice', [{name: 'a'}, {name: 'a'}], 'LIMITS_ADDRESS', 'a.1 is there twice', {}],
    [
      'unix with a port',
      [{name: 'a', type: 'unix', port: 1}],
      'LIMITS_ADDRESS',
      'a unix socket has no port',
      {},
    ],
    ['a path as a name', [{name: '../a', type: 'unix'}], 'LIMITS_ADDRESS', '"../a" is no name', {}],
    ['no count', [{name: 'a', instances: 1.5}], 'LIMITS_ADDRESS', 'a: instances is 1.5', {}],
    ['too long', [{name: 'x'.repeat(100), type: 'unix'}], 'LIMITS_ADDRESS', '117 bytes, a unix socket', {}],
    [
      'all in use',
      [{name: 'a'}],
      'LIMITS_ADDRESS',
      'no tcp port from 65535 to 65535 is free',
      {'tcp:65535': 'taken'},
    ],
  ])('%s: refused', async (_, wanted, code, said, taken) => {
    const from = _ === 'all in use' ? 65_535 : undefined;
    const fault = await expectFault(assignPorts(wanted, EMPTY, {...machine(taken).options, from}), code);
    expect(fault.message).toContain(said);
  });

  test('a ledger that gives one port to two, or none that there is, is mended', async () => {
    const ledger = {...EMPTY, tcp: {'a.1': 2000, 'b.1': 2000, 'c.1': 70_000, 'gone.1': -1}};
    const wanted = ['a', 'b', 'c'].map((name) => ({name}));
    const {assignments, ledger: mended} = await assignPorts(wanted, ledger, machine().options);
    expect(mended.tcp).toEqual({'a.1': 2000, 'b.1': 1025, 'c.1': 1026});
    expect(assignments['b.1']).toMatchObject({port: 1025});
  });

  test('a host that this machine does not have is told with who wanted it', async () => {
    const fault = await expectFault(assignPorts([{name: 'a', host: '192.0.2.1'}], EMPTY), 'LIMITS_ADDRESS');
    expect(fault.message).toContain('a.1: tcp 192.0.2.1:1025 cannot be bound: ');
  });

  test('whatever is wanted, in whatever order: nobody shares, nobody moves', async () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const one = fc.record({
      name,
      instances: fc.integer({min: 0, max: 4}),
      type: fc.constantFrom('tcp' as const, 'udp' as const),
    });
    const deploy = fc.uniqueArray(one, {selector: (wanted) => wanted.name});
    await fc.assert(
      fc.asyncProperty(fc.array(deploy, {minLength: 1, maxLength: 5}), async (deploys) => {
        let ledger = EMPTY;
        const places = new Map<string, string>();
        for (const wanted of deploys) {
          const next = await assignPorts(wanted, ledger, machine().options);
          const reversed = await assignPorts(wanted.toReversed(), ledger, machine().options);
          expect(reversed).toEqual(next);
          const now = Object.entries(short(next.assignments));
          expect(new Set(now.map(([, place]) => place)).size).toBe(now.length);
          for (const [id, place] of now) {
            const key = `${id} ${place.split(' ')[0]}`;
            expect(places.get(key) ?? place).toBe(place);
            places.set(key, place);
          }
          ({ledger} = next);
        }
      }),
    );
  });
});

describe('bindTest', () => {
  test('tcp: taken while someone listens', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const {port} = server.address() as {port: number};
    const address = {type: 'tcp', host: '127.0.0.1', port} as const;
    expect(await bindTest(address)).toBe('taken');
    expect(await bindTest({...address, host: '0.0.0.0'})).toBe('taken');
    await new Promise((resolve) => server.close(resolve));
    expect(await bindTest(address)).toBe('free');
  });

  test('udp', async () => {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const {port} = socket.address();
    const address = {type: 'udp', host: '127.0.0.1', port} as const;
    expect(await bindTest(address)).toBe('taken');
    await new Promise<void>((resolve) => socket.close(resolve));
    expect(await bindTest(address)).toBe('free');
  });

  test('an address of another machine is an error of the system', async () => {
    await expect(bindTest({type: 'tcp', host: '192.0.2.1', port: 5000})).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
    });
  });

  test('unix: taken while someone listens, free when a file is left over or the folder is not there yet', async () => {
    await using dir = await testdir();
    const path = dir.at('a.sock');
    expect(await bindTest({type: 'unix', path})).toBe('free');
    expect(await dir.list()).toEqual([]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    expect(await bindTest({type: 'unix', path})).toBe('taken');
    await new Promise((resolve) => server.close(resolve));
    await dir.write({'a.sock': ''});
    expect(await bindTest({type: 'unix', path})).toBe('free');
    expect(await bindTest({type: 'unix', path: dir.at('run/a.sock')})).toBe('free');
  });

  test('for real: the port that someone has is passed over', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const {port} = server.address() as {port: number};
    const {assignments} = await assignPorts([{name: 'web'}], undefined, {from: port, host: '127.0.0.1'});
    expect((assignments['web.1'] as {port: number}).port).toBeGreaterThan(port);
    await new Promise((resolve) => server.close(resolve));
  });
});
