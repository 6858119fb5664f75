import {execFileSync} from 'node:child_process';
import {describe, expect, test} from '@jest/globals';
import fc from 'fast-check';
import {forkLine} from '../dist/fork-line.js';

describe('forkLine', () => {
  test.each([
    ['node app.js', {execArgv: [], exec: 'app.js', args: []}],
    ['  exec node  app.js --port 1 ', {execArgv: [], exec: 'app.js', args: ['--port', '1']}],
    [
      "node -r ./a.js --inspect=0 \"my app.js\" 'it'\\''s'",
      {execArgv: ['-r', './a.js', '--inspect=0'], exec: 'my app.js', args: ["it's"]},
    ],
    ["node app.js ''", {execArgv: [], exec: 'app.js', args: ['']}],
  ])('%s', (line, parts) => expect(forkLine(line)).toEqual(parts));

  test.each([
    '',
    'node',
    'node -v',
    'python3 app.py',
    'A=1 node app.js',
    'node $APP',
    'node app.js | tee log',
    'node a.js; node b.js',
    'node *.js',
    'node "a',
    'node `which app`',
    'exec',
    'node -e 1',
    'node --run=start',
    'node "$APP"',
  ])('only a shell or another program can run %j', (line) => {
    const parts = forkLine(line);
    expect(parts).toBeUndefined();
  });

  test('words that it takes are those that the shell would pass on', () => {
    const piece = fc.oneof(
      fc.stringMatching(/^[a-z0-9_./=@:,+-]{1,5}$/),
      fc.stringMatching(/^'[ a-z$`"\\;]{0,5}'$/),
      fc.stringMatching(/^"[ a-z';|]{0,5}"$/),
      fc.stringMatching(/^\\[ a-z$'"\\]$/),
    );
    const word = fc.array(piece, {minLength: 1, maxLength: 3}).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.array(word, {maxLength: 5}), (words) => {
        const line = `node app.js ${words.join(' ')}`;
        const told = execFileSync(
          '/bin/sh',
          ['-c', `node() { shift; for each; do printf '%s\\n' "$each."; done; }; ${line}`],
          {encoding: 'utf8'},
        );
        expect(forkLine(line)?.args).toEqual(
          told
            .split('\n')
            .slice(0, -1)
            .map((text) => text.slice(0, -1)),
        );
      }),
      {numRuns: 40},
    );
  });
});
