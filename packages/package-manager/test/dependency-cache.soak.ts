import {afterAll} from '@jest/globals';
import {describeWith} from '@keelson/test-kit';
import {PNPM, removeTemplates, testTheRest, YARN} from './cache-behaviour.ts';
import {fetched} from './fetched.ts';

afterAll(removeTemplates);

const pnpm = fetched('pnpm@12.21.0', 'pnpm');
const yarn = fetched('yarn@1.22.22', 'yarn');

describeWith([pnpm], 'the cache of installed trees, pnpm', () => testTheRest(PNPM));
describeWith([yarn], 'the cache of installed trees, yarn', () => testTheRest(YARN));
