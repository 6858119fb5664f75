import {COMMANDS} from './nasty.ts';
import {describeManagers} from './describe-managers.ts';

describeManagers(({styles = Object.keys(COMMANDS)}) => styles);
