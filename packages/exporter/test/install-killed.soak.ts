import {describeKilledInstalls} from './killed-install.ts';

describeKilledInstalls(1);
