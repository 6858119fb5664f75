#!/usr/bin/env node
import {main} from '@keelson/cli-kit/main';

await main(import.meta.url, () => import('../dist/ctl-commands.js'));
