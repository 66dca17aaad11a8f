import { category } from './catalogued-type.ts';
import { count, email, id, text, word } from './fields.ts';

const user = { userId: '65f1be11b7e4d90012ab2001' };
const userId = id('user');
const role = word('Role in the workspace', 'owner', 'admin', 'agent');
const method = word('How', 'password', 'totp', 'sso');

export const AUTH_TYPES = category('auth', [
  [
    'auth.user.invited',
    'Somebody was invited to the workspace.',
    { userId, 'email?': email('Where the invitation went'), 'role?': role },
    { ...user, email: 'grace@example.com' },
  ],
  [
    'auth.user.joined',
    'An invited user joined the workspace.',
    { userId, 'role?': role },
    { ...user, role: 'agent' },
  ],
  [
    'auth.user.removed',
    'A user was removed from the workspace.',
    { userId, 'removedBy?': text('Who removed them') },
    { ...user, removedBy: 'owner' },
  ],
  [
    'auth.user.role_changed',
    'A user was given another role.',
    { userId, 'from?': role, 'to?': role },
    { ...user, from: 'agent', to: 'admin' },
  ],
  [
    'auth.session.created',
    'A user signed in.',
    { userId, 'method?': method, 'country?': word('Country of the address, two letters', 'GB') },
    { ...user, method: 'password', country: 'GB' },
  ],
  [
    'auth.login.failed',
    'A sign-in failed.',
    {
      'userId?': userId,
      'email?': email('The address that was given'),
      'reason?': word('Why', 'wrong_password', 'locked'),
      'attemptsInRow?': count('Failed sign-ins since the last good one'),
    },
    { email: 'grace@example.com', reason: 'wrong_password', attemptsInRow: 3 },
  ],
  [
    'auth.mfa.enabled',
    'A user switched on two-factor sign-in.',
    { userId, 'method?': method },
    { ...user, method: 'totp' },
  ],
]);
