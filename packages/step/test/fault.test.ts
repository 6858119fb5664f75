import vm from 'node:vm';
import {describe, expect, test} from '@jest/globals';
import {Fault, isFault} from '@keelson/step';

class LockFault extends Fault<'LOCK_HELD'> {}

describe('Fault', () => {
  test('carries code, hint, temporary and cause', () => {
    const cause = new Error('why');
    const fault = new LockFault('LOCK_HELD', 'held by 42', {hint: 'wait', temporary: true, cause});
    expect(fault).toMatchObject({name: 'LockFault', code: 'LOCK_HELD', hint: 'wait', temporary: true, cause});
    expect(fault.message).toBe('held by 42');
  });

  test('is permanent and without hint or cause unless told', () => {
    const fault = new LockFault('LOCK_HELD', 'held');
    expect(fault).toMatchObject({hint: undefined, temporary: false});
    expect('cause' in fault).toBe(false);
  });

  test('keeps its brand out of JSON and enumeration', () => {
    const fault = new LockFault('LOCK_HELD', 'held', {hint: 'wait'});
    expect(JSON.parse(JSON.stringify(fault))).toEqual({
      name: 'LockFault',
      code: 'LOCK_HELD',
      hint: 'wait',
      temporary: false,
    });
  });
});

describe('isFault', () => {
  test.each([
    ['a fault', new LockFault('LOCK_HELD', 'x'), true],
    ['a plain error with a code', Object.assign(new Error('x'), {code: 'LOCK_HELD'}), false],
    ['null', null, false],
    ['undefined', undefined, false],
    ['a string', 'LOCK_HELD', false],
  ])('%s', (_title, value, expected) => {
    expect(isFault(value)).toBe(expected);
  });

  test('knows a fault of another copy of this package in another realm', () => {
    const foreign: unknown = vm.runInNewContext(
      `Object.defineProperty(new Error('x'), Symbol.for('@keelson/step/fault'), {value: true})`,
    );
    expect(isFault(foreign)).toBe(true);
  });
});
