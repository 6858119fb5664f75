import {expect, test} from '@jest/globals';
import {GitFault} from '@keelson/git';

test('a fault of git carries what the remote said', () => {
  const fault = new GitFault('GIT_REJECTED', 'refused', {lines: ['no']});
  expect(fault).toMatchObject({code: 'GIT_REJECTED', lines: ['no'], stale: false, temporary: false});
});
