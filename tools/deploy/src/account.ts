import {run} from '@keelson/spawn';
import {DeployServerFault} from './fault.ts';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** The home folder of a user. */
export async function homeOf(user: string): Promise<string> {
  const {code, stdout} = await run({command: 'getent', args: ['passwd', '--', user]}, {accept: [0, 1, 2]});
  return (code === 0 && stdout.trimEnd().split(':')[5]) || '/';
}

/** A user of this machine, by name. Fault SERVE_BAD_VALUE. */
export async function accountOf(user: string): Promise<Account> {
  const ask = async (what: '-u' | '-g') => {
    const {code, stdout} = await run({command: 'id', args: [what, '--', user]}, {accept: [0, 1]});
    if (code === 0) return Number(stdout.trim());
    throw new DeployServerFault(
      'SERVE_BAD_VALUE',
      `there is no user ${JSON.stringify(user)} on this machine`,
      {
        hint: `useradd --system --create-home ${user}`,
      },
    );
  };
  return {uid: await ask('-u'), gid: await ask('-g')};
}

/** A group of this machine, by name or number. Fault SERVE_BAD_VALUE. */
export async function requireGroup(group: string): Promise<number> {
  const {code, stdout} = await run({command: 'getent', args: ['group', '--', group]}, {accept: [0, 1, 2]});
  if (code === 0) return Number(stdout.split(':')[2]);
  throw new DeployServerFault(
    'SERVE_BAD_VALUE',
    `there is no group ${JSON.stringify(group)} on this machine`,
    {
      hint: `groupadd --system ${group}`,
    },
  );
}
