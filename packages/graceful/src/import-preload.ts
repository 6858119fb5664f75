import {runPreload} from './run-preload.ts';

runPreload();
