import {describe, expect, test} from '@jest/globals';
import {renderUnits, type ServiceProcess} from '@keelson/exporter';
import {faultOf} from '@keelson/test-kit';

import {model} from './nasty.ts';

async function service(
  process: Partial<ServiceProcess>,
  root = '/c/srv/shop',
  user = 'app',
): Promise<string> {
  const {files} = await renderUnits('winsw', model(process, {root, user: {name: user}}));
  return files[0]!.content;
}

describe('a service of WinSW', () => {
  test.each([
    ['node server.js', 'node.exe', '&quot;server.js&quot;'],
    ['npm start', 'env.exe', '&quot;npm&quot; &quot;start&quot;'],
    ['./bin/www x', 'C:\\srv\\shop\\bin\\www', '&quot;x&quot;'],
    ['cd a && node x', 'sh.exe', '&quot;-c&quot; &quot;cd a &amp;&amp; node x&quot;'],
    [
      `node 'a"b' 'c\\' 'd\\"e'`,
      'node.exe',
      '&quot;a\\&quot;b&quot; &quot;c\\\\&quot; &quot;d\\\\\\&quot;e&quot;',
    ],
  ])('starts %s', async (command, executable, words) => {
    const content = await service({command});
    expect(content).toContain(`<executable>${executable}</executable>\n  <arguments>${words}</arguments>`);
    expect(content).toContain('<workingdirectory>C:\\srv\\shop</workingdirectory>');
  });

  test('starts again with a growing delay, up to a limit', async () => {
    const content = await service({
      restart: {delayMs: 1000, maxDelayMs: 5000, limit: {count: 5, withinMs: 60_000}},
    });
    expect(
      [...content.matchAll(/<onfailure [^>]*>/g)].map(([line]) => line.replace(/.*delay="(.*)".*/, '$1')),
    ).toEqual(['1000 ms', '2000 ms', '4000 ms', '5000 ms', '5000 ms', '<onfailure action="none"/>']);
  });

  test('runs as the account of the machine that is meant', async () => {
    expect(await service({})).toContain('<username>.\\app</username>');
    expect(await service({}, '/srv', 'root')).toContain('<username>LocalSystem</username>');
  });

  test('refuses a path that Windows has not', async () => {
    expect(await faultOf(service({}, '/srv/a:b', 'app'))).toMatchObject({code: 'EXPORT_MODEL'});
    expect(await faultOf(service({}, '/srv/a|b', 'app'))).toMatchObject({
      code: 'EXPORT_VALUE',
      message: expect.stringContaining('is no path of Windows'),
    });
  });
});
