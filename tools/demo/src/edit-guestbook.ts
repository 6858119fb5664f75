import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {DemoFault} from './fault.ts';

/** What a developer does for a new version: the number. */
export async function changeVersion(app: string, version: string): Promise<void> {
  await edit(join(app, 'package.json'), /"version": "[^"]+"/, `"version": "${version}"`);
  await edit(join(app, 'package-lock.json'), /"version": "[^"]+"/, `"version": "${version}"`);
}

/** What a visitor sees of it. */
export async function changeLook(app: string): Promise<void> {
  await edit(join(app, 'src/theme.js'), /title: '[^']*'/, `title: 'Our guests'`);
  await edit(join(app, 'src/theme.js'), /accent: '#[0-9a-f]{6}'/, `accent: '#1f5f6b'`);
}

/** What a developer does by mistake. */
export async function breakHealth(app: string): Promise<void> {
  await edit(join(app, 'src/health.js'), /status: 'pass'/, `status: 'fail'`);
}

async function edit(path: string, found: RegExp, replacement: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  if (!found.test(text)) throw new DemoFault('DEMO_UNEXPECTED', `${path} holds nothing like ${found}`);
  await writeFile(path, text.replace(found, replacement));
}
