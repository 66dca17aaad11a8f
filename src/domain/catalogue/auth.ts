import { category } from './catalogued-type.ts';

const user = { userId: '65f1be11b7e4d90012ab2001' };

export const AUTH_TYPES = category('auth', [
  ['auth.user.invited', 'Somebody was invited to the workspace.', { ...user, email: 'grace@example.com' }],
  ['auth.user.joined', 'An invited user joined the workspace.', { ...user, role: 'agent' }],
  ['auth.user.removed', 'A user was removed from the workspace.', { ...user, removedBy: 'owner' }],
  ['auth.user.role_changed', 'A user was given another role.', { ...user, from: 'agent', to: 'admin' }],
  ['auth.session.created', 'A user signed in.', { ...user, method: 'password', country: 'GB' }],
  [
    'auth.login.failed',
    'A sign-in failed.',
    { email: 'grace@example.com', reason: 'wrong_password', attemptsInRow: 3 },
  ],
  ['auth.mfa.enabled', 'A user switched on two-factor sign-in.', { ...user, method: 'totp' }],
]);
