import {COMMANDS} from './nasty.ts';
import {describeManagers} from './describe-managers.ts';

// Managers that start the same script of ours take a few styles here, and all of them in the soak.
const THROUGH_OUR_SCRIPT = ['s6', 'daemontools', 'rc.d', 'sysv', 'inittab'];
const FEW = ['plain', 'single', 'assignment', 'variable', 'cd', 'pipe', 'bin', 'subshell'];

const ONE_AFTER_ANOTHER = ['plain', 'cd'];

describeManagers(({format, styles}) =>
  styles ? ONE_AFTER_ANOTHER : THROUGH_OUR_SCRIPT.includes(format) ? FEW : Object.keys(COMMANDS),
);
