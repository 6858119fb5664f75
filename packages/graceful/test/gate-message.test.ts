import {expect, test} from '@jest/globals';
import {type FromWorker, isGateMessage, type ToWorker} from '@keelson/graceful';
import fc from 'fast-check';

const report = {kind: 'drain-report', connections: 1, answered: 2, cut: 0, ms: 3} as const;
const MESSAGES: readonly (ToWorker | FromWorker)[] = [
  {keelson: 'open'},
  {keelson: 'ping'},
  {keelson: 'leaving'},
  {keelson: 'leaving', reply: 503},
  {keelson: 'drain', graceMs: 1},
  {keelson: 'drain', graceMs: 1, idleMs: 2, upgradedMs: 3, closeCode: 1012},
  {keelson: 'listening', socket: '/s', protocol: 'http2s'},
  {keelson: 'closed', socket: '/s'},
  {keelson: 'elsewhere', port: 80},
  {keelson: 'opened'},
  {keelson: 'pong'},
  {keelson: 'refused', because: 'x'},
  {keelson: 'drained', reports: [report]},
];

test.each(MESSAGES)('%j is a message', (message) => {
  expect(isGateMessage(message)).toBe(true);
});

test('one with a field of another type is none, nor is one without it', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...MESSAGES.filter((message) => Object.keys(message).length > 1)),
      fc.nat(10),
      fc.constantFrom(null, true, {}, [null], 'something', Number.NaN, -1.5),
      (message, at, value) => {
        const names = Object.keys(message).slice(1);
        const name = names[at % names.length]!;
        const own: unknown = Reflect.get(message, name);
        fc.pre(
          typeof own !== typeof value || Number.isNaN(value) || name === 'protocol' || name === 'closeCode',
        );
        fc.pre(!Array.isArray(own) || !Array.isArray(value) || value[0] === null);
        expect(isGateMessage({...message, [name]: value})).toBe(false);
      },
    ),
  );
});

test('whatever an app sends of its own is none', () => {
  fc.assert(
    fc.property(
      fc.anything(),
      fc.constantFrom('constructor', '__proto__', 'nonsense', '', 3),
      (value, keelson) => {
        expect(isGateMessage(value)).toBe(false);
        expect(isGateMessage({keelson, value})).toBe(false);
      },
    ),
  );
});
