import {existsSync} from 'node:fs';
import {basename, join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {Fault} from '@keelson/step';
import {
  bin,
  describeAsAnother,
  describeWith,
  expectFault,
  faultOf,
  git,
  gitRemote,
  packageRoot,
  testdir,
} from '@keelson/test-kit';

class XFault extends Fault<'X_A'> {}

describe('faultOf and expectFault', () => {
  const fault = new XFault('X_A', 'why');

  test('give the fault of a promise or a function', async () => {
    expect(await faultOf(Promise.reject(fault))).toBe(fault);
    expect(
      await faultOf(() => {
        throw fault;
      }),
    ).toBe(fault);
    expect(await expectFault(Promise.reject(fault), 'X_A')).toBe(fault);
  });

  test('fail when there is none, or another', async () => {
    await expect(faultOf(Promise.resolve(1))).rejects.toThrow('expected a Fault, but it succeeded with 1');
    await expect(faultOf(Promise.reject(new TypeError('x')))).rejects.toThrow(TypeError);
    await expect(expectFault(Promise.reject(fault), 'X_B')).rejects.toThrow(
      'expected X_B, but it failed with X_A: why',
    );
  });
});

describe('describeWith', () => {
  // Jest's own functions stand aside while we look at what is asked of them.
  function asked(programs: string[], requireReal: string | undefined, of = describeWith): string[] {
    const globals = globalThis as unknown as Record<string, unknown>;
    const {describe: describeOfJest, test: testOfJest} = globals;
    const required = process.env['KEELSON_REQUIRE_REAL'];
    const calls: string[] = [];
    const run = (title: string, body: () => void) => (calls.push(`describe ${title}`), body());
    globals['describe'] = Object.assign(run, {skip: (title: string) => calls.push(`skip ${title}`)});
    globals['test'] = (title: string, body: () => void) => {
      calls.push(`test ${title}`);
      try {
        body();
      } catch (error) {
        calls.push(`fails: ${(error as Error).message}`);
      }
    };
    if (requireReal === undefined) delete process.env['KEELSON_REQUIRE_REAL'];
    else process.env['KEELSON_REQUIRE_REAL'] = requireReal;
    try {
      of(programs, 'git', () => calls.push('body'));
    } finally {
      Object.assign(globals, {describe: describeOfJest, test: testOfJest});
      if (required === undefined) delete process.env['KEELSON_REQUIRE_REAL'];
      else process.env['KEELSON_REQUIRE_REAL'] = required;
    }
    return calls;
  }

  test('runs the suite when its programs are there', () => {
    expect(asked(['sh'], undefined)).toEqual(['describe git', 'body']);
  });

  test('skips it by name when one is missing', () => {
    expect(asked(['sh', 'no-such-a', 'no-such-b'], undefined)).toEqual([
      'skip git (missing: no-such-a, no-such-b)',
    ]);
  });

  test('fails instead where real programs are required', () => {
    expect(asked(['no-such-a'], '1')).toEqual([
      'describe git (missing: no-such-a)',
      'test needs real programs',
      'fails: not installed, but KEELSON_REQUIRE_REAL=1: no-such-a',
    ]);
  });

  test('of another account: skips it by name, with no failure, where that cannot read us', () => {
    expect(asked(['no-such-a'], undefined, describeAsAnother)).toEqual(['skip git (missing: no-such-a)']);
    // Which of them it is lies with the account, and with the folder of this clone.
    expect(asked(['sh'], '1', describeAsAnother).join('\n')).toMatch(
      /^(describe git\nbody|skip git \((needs root|.+ is closed to other accounts)\))$/,
    );
  });
});

describe('places', () => {
  test('packageRoot is the folder of package.json', () => {
    expect(basename(packageRoot(import.meta.url))).toBe('test-kit');
    expect(() => packageRoot('file:///module.js')).toThrow('no package.json above');
  });

  test('bin finds the program of a package or tool', () => {
    const path = bin('archive-builder');
    expect(path).toBe(join(packageRoot(import.meta.url), '../archive-builder/bin', basename(path)));
    expect(bin('archive-builder', basename(path, '.js'))).toBe(path);
    expect(existsSync(bin('keelson'))).toBe(true);
    expect(() => bin('no-such')).toThrow('no bin');
    expect(() => bin('step')).toThrow('no bin');
  });
});

test('gitRemote takes a push and gives a clone', async () => {
  await using remote = await gitRemote();
  await using dir = await testdir({'work/a.txt': 'A'});
  await git(dir.at('work'), 'init', '--quiet', '--initial-branch=main');
  await git(dir.at('work'), 'add', '.');
  await git(dir.at('work'), 'commit', '--quiet', '-m', 'first');
  await git(dir.at('work'), 'push', '--quiet', remote.url, 'main');
  expect(await remote.git('log', '--format=%s %an %at', 'main')).toBe('first Test 1704067200');
  await git(dir.path, 'clone', '--quiet', remote.url, 'clone');
  expect(await dir.read('clone/a.txt')).toBe('A');
  await expect(git(dir.path, 'no-such-verb')).rejects.toThrow(/no-such-verb/);
});
