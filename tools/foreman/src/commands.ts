import type {CommandTable} from '@keelson/cli-kit';

export const commands: CommandTable = {};
