import {readFileSync, readdirSync, existsSync} from 'node:fs';
import {join} from 'node:path';
import type {WorkspacePackage} from './workspace.ts';

/** A fenced code block of a README that is an example to run. */
export interface ReadmeBlock {
  readonly file: string;
  readonly line: number;
  readonly language: 'ts' | 'sh';
  readonly code: string;
}

/** Every ```ts and ```sh block; blocks of other languages (`text`, `json`, `console`) are not meant to be run. */
export function readBlocks(text: string, file: string): ReadmeBlock[] {
  const blocks: ReadmeBlock[] = [];
  for (const match of text.matchAll(/^```(ts|sh)\n([\s\S]*?)^```$/gm)) {
    const line = text.slice(0, match.index).split('\n').length;
    blocks.push({file, line, language: match[1] as 'ts' | 'sh', code: match[2]!});
  }
  return blocks;
}

/** The blocks of the root's documents and of every package's README. */
export function readmeBlocks(root: string, packages: readonly WorkspacePackage[]): ReadmeBlock[] {
  const documents = readdirSync(root)
    .filter((name) => name.endsWith('.md'))
    .map((name) => ({path: join(root, name), name}));
  const readmes = packages
    .map((one) => ({path: join(one.dir, 'README.md'), name: `${one.folder}/README.md`}))
    .filter(({path}) => existsSync(path));
  return [...documents, ...readmes].flatMap(({path, name}) => readBlocks(readFileSync(path, 'utf8'), name));
}
