import {lstat, readFile, symlink} from 'node:fs/promises';
import {hostname} from 'node:os';
import {join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {expectFault} from '@keelson/test-kit';
import fc from 'fast-check';
import {renderTemplate} from '../dist/render-template.js';
import {bench} from './deploy-bench.ts';
import {notReady} from './fake-runtime.ts';

const view = (env: Readonly<Record<string, string>>) => ({
  env,
  host: {name: 'here'},
  release: {number: 7, name: 'shop', version: '1.2.3', dir: '/srv/shop/releases/7'},
  ports: {web: 5000, 'back-end': 5100},
});
const SECRET = 'hunter2';
const render = (text: string) => renderTemplate(text, 'app.ini.hbs', view({TITLE: 'a & b', KEY: SECRET}));

// Every code point but the surrogates; fast-check's own `binary` takes a second to make its table.
const codePoint = fc
  .integer({min: 0, max: 0x10ffff - 0x800})
  .map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800));

describe('a template', () => {
  test.each([
    ['values as they are', 'title={{env.TITLE}}', 'title=a & b'],
    [
      'host and release',
      '{{host.name}} {{release.name}} {{release.number}} {{release.version}}',
      'here shop 7 1.2.3',
    ],
    ['the folder of the release', '{{release.dir}}', '/srv/shop/releases/7'],
    ['ports by process type', '{{ports.web}},{{ports.back-end}}', '5000,5100'],
    [
      'a choice for what may be missing',
      '{{#if env.NONE}}x{{else}}none{{/if}}{{#if env.TITLE}}y{{/if}}',
      'noney',
    ],
    ['all values', '{{#each env}}{{@key}};{{/each}}', 'TITLE;KEY;'],
    ['text without a name', 'plain\n', 'plain\n'],
  ])('renders %s', async (_title, text, expected) => {
    expect(await render(text)).toBe(expected);
  });

  test.each([
    ['a value that is not configured', 'a\n\nkey={{env.KEYS}}', 'app.ini.hbs:3: env.KEYS is not configured'],
    [
      '… where lines end as on Windows',
      'a\r\nkey={{ env.KEYS }}',
      'app.ini.hbs:2: env.KEYS is not configured',
    ],
    ['… in a block', '{{#if env.KEY}}\n{{env.KEYS}}{{/if}}', 'app.ini.hbs:2: env.KEYS is not configured'],
    ['a fact that is none', '{{host.nme}}', 'app.ini.hbs:1: host.nme is nothing that a template can name'],
    ['a name of its own', '{{title}}', 'app.ini.hbs:1: title is nothing that a template can name'],
    ['what objects inherit', '{{env.constructor}}', 'app.ini.hbs:1: env.constructor is not configured'],
    ['a block without an end', 'a\n{{#if env.KEY}}', /^app\.ini\.hbs:2: no template of Handlebars/],
    [
      'a block with another end',
      '{{#if env.KEY}}{{/each}}',
      /^app\.ini\.hbs:1: no template of Handlebars: if doesn't match each/,
    ],
    ['half a name', '\n\n{{#if', /^app\.ini\.hbs:3: no template of Handlebars/],
    ['a partial', '{{> other}}', 'app.ini.hbs: there is no partial other'],
    ['a value as a group', '{{env.KEY.x}}', /^app\.ini\.hbs: a helper/],
    ['printing a value', '{{log env.KEY}}', /^app\.ini\.hbs: a helper/],
    ['a helper that is none', '{{upper env.KEY}}', /^app\.ini\.hbs(:1)?: /],
    ['a helper whose name is a value', '{{env.KEY env.TITLE}}', /^app\.ini\.hbs: a helper/],
    ['itself, for ever', '{{#*inline "p"}}{{> p}}{{/inline}}{{> p}}', /^app\.ini\.hbs: a helper/],
  ])('cannot have %s', async (_title, text, because) => {
    const problem = await render(text).catch((error: Error) => error.message);
    expect(problem).toMatch(because);
    expect(problem).not.toContain(SECRET);
  });

  test('property: a value goes in letter by letter, and no problem tells it', async () => {
    const value = fc.string({unit: codePoint, minLength: 8});
    const wrong = fc.constantFrom(
      '{{env.A.x}}',
      '{{env.B}}',
      '{{env.A env.A}}',
      '{{> env.A}}',
      '{{#env.A}}{{x}}{{/env.A}}',
    );
    await fc.assert(
      fc.asyncProperty(value, wrong, async (text, template) => {
        expect(await renderTemplate('<{{env.A}}>', 't', view({A: text}))).toBe(`<${text}>`);
        const told = await renderTemplate(template, 't', view({A: text})).catch(
          (error: Error) => error.message,
        );
        expect(told.includes(text) && !'app.ini.hbs env'.includes(text)).toBe(false);
      }),
      {numRuns: 50},
    );
  });
});

describe('a release with templates', () => {
  const templates = {'config/app.ini': 'config/app.ini.hbs'};
  const ini =
    'key={{env.KEY}}\non={{host.name}}\nrelease={{release.number}} of {{release.version}}\nport={{ports.web}}\n';
  const app = (parts: {templates?: object; ini?: string; files?: object; actions?: object} = {}) => ({
    files: {
      'keelson.deploy.json': JSON.stringify({
        templates: parts.templates ?? templates,
        actions: parts.actions ?? {},
      }),
      'config/app.ini.hbs': parts.ini ?? ini,
      ...parts.files,
    },
  });
  const told = (key: string, release: number) =>
    `key=${key}\non=${hostname()}\nrelease=${release} of 1.0.0\nport=5000\n`;

  test('has its files rendered before its actions run: 0600, with what they were told and printed nowhere', async () => {
    await using shop = await bench();
    await shop.configure(`KEY=${SECRET}\n`);
    const done = await shop.deploy(
      '1.0.0',
      app({actions: {migrate: 'cp config/app.ini ../../persistent/seen'}}),
    );
    expect(done).toMatchObject({result: 'deployed', release: {rendered: ['config/app.ini']}});
    const file = join(shop.root, 'current/config/app.ini');
    expect(await readFile(file, 'utf8')).toBe(told(SECRET, 1));
    expect(await readFile(join(shop.root, 'persistent/seen'), 'utf8')).toBe(told(SECRET, 1));
    expect((await lstat(file)).mode & 0o777).toBe(0o600);
    expect((await lstat(join(shop.root, 'current/config/app.ini.hbs'))).mode & 0o222).toBe(0);
    expect(shop.events).toContainEqual({type: 'deploy:rendered', paths: ['config/app.ini']});
    expect(JSON.stringify([done, shop.events, await shop.journal()])).not.toContain(SECRET);
  });

  test('with another configuration has files of its own, and the one before keeps its', async () => {
    await using shop = await bench();
    await shop.configure('KEY=one\n');
    await shop.deploy('1.0.0', app({files: {'config/app.ini': 'the default of the package'}}));
    await shop.reconfigure({text: 'KEY=two\n'});
    const of = (release: number, path: string) => join(shop.root, 'releases', String(release), path);
    expect(await readFile(of(1, 'config/app.ini'), 'utf8')).toBe(told('one', 1));
    expect(await readFile(of(2, 'config/app.ini'), 'utf8')).toBe(told('two', 2));
    expect((await lstat(of(2, 'config/app.ini'))).mode & 0o777).toBe(0o600);
    expect((await lstat(of(2, 'config/app.ini'))).nlink).toBe(1);
    expect((await lstat(of(2, 'server.js'))).ino).toBe((await lstat(of(1, 'server.js'))).ino);
    await shop.rollback();
    expect(await readFile(join(shop.root, 'current/config/app.ini'), 'utf8')).toBe(told('one', 1));
  });

  test.each([
    [
      'a deploy',
      (shop: Awaited<ReturnType<typeof bench>>) => shop.deploy('2.0.0', app({ini: 'a\n{{env.NO}}'})),
    ],
    [
      'another configuration',
      (shop: Awaited<ReturnType<typeof bench>>) => shop.reconfigure({text: 'OTHER=1\n'}),
    ],
  ])('is refused with template, line and name: %s', async (_title, change) => {
    await using shop = await bench();
    await shop.configure('KEY=one\n');
    await shop.deploy('1.0.0', app());
    const refused = await change(shop);
    expect(refused).toMatchObject({
      result: 'refused',
      because: expect.stringMatching(/^config\/app\.ini\.hbs:\d: env\.(NO|KEY) is not configured$/),
    });
    expect(shop.calls).not.toContain('start 2');
    expect(shop.serving()).toEqual([1]);
    expect(await readFile(join(shop.root, 'current/config/app.ini'), 'utf8')).toBe(told('one', 1));
    expect((await shop.dir.list('shop')).filter((path) => /releases\/2/.test(path))).toEqual([]);
  });

  test('that does not get healthy takes nothing of the one before along', async () => {
    await using shop = await bench();
    await shop.configure('KEY=one\n');
    await shop.deploy('1.0.0', app());
    shop.failures.ready = () => notReady;
    expect(await shop.reconfigure({text: 'KEY=two\n'})).toMatchObject({result: 'refused'});
    expect(await readFile(join(shop.root, 'current/config/app.ini'), 'utf8')).toBe(told('one', 1));
  });

  test.each([
    ['that is missing', {'a.ini': 'none.hbs'}, 'the template none.hbs is not in the app'],
    ['that is a folder', {'a.ini': 'config'}, 'the template config is no file'],
    ['below a file', {'a.ini': 'server.js/x'}, 'the template server.js/x is not in the app'],
  ])('is refused with a template %s', async (_title, named, because) => {
    await using shop = await bench();
    expect(await shop.deploy('1.0.0', app({templates: named}))).toMatchObject({result: 'refused', because});
  });

  test('is refused where assets would be shared with the next one', async () => {
    await using shop = await bench();
    const rules = {templates: {'public/c.js': 'config/app.ini.hbs'}, assets: {folders: ['public']}};
    const files = {...app().files, 'keelson.deploy.json': JSON.stringify(rules)};
    const refused = await shop.deploy('1.0.0', {files});
    expect(refused.because).toBe('public/c.js cannot be rendered: releases share the assets in public');
  });

  test.each([
    [
      'a folder that persists',
      {'data/app.ini': 'config/app.ini.hbs'},
      'data/app.ini cannot be rendered: data is a link',
    ],
    ['a folder', {config: 'config/app.ini.hbs'}, 'config cannot be rendered: config is a folder'],
    ['a file', {'server.js/x': 'config/app.ini.hbs'}, 'server.js/x cannot be rendered: server.js is a file'],
  ])('is refused when its file would lie in %s', async (_title, named, message) => {
    await using shop = await bench();
    const parts = {...app({templates: named, ini: 'x'}), keelson: {persistent: ['data']}};
    expect((await expectFault(shop.deploy('1.0.0', parts), 'RELEASE_RENDERED')).message).toBe(message);
  });

  test('follows no link, which might lead to what the app may not read', async () => {
    await using shop = await bench();
    await shop.dir.write({'app-1.0.0/config/secret.hbs': SECRET});
    await symlink('config', shop.dir.at('app-1.0.0/own'));
    await symlink('secret.hbs', shop.dir.at('app-1.0.0/config/link.hbs'));
    const behind = await shop.deploy('1.0.0', app({templates: {'a.ini': 'own/secret.hbs'}}));
    expect(behind.because).toBe('the template own/secret.hbs: own is a link');
    const itself = await shop.deploy('1.0.0', app({templates: {'a.ini': 'config/link.hbs'}}));
    expect(itself.because).toBe('the template config/link.hbs: config/link.hbs is a link');
  });
});
