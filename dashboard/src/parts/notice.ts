import { notifications } from '@mantine/notifications';
import { messageOf } from './problem.tsx';

/** Says that something was done. */
export function noticeDone(message: string): void {
  notifications.show({ message, color: 'teal' });
}

/** Says why something could not be done. */
export function noticeProblem(error: unknown): void {
  notifications.show({ message: messageOf(error), color: 'red', autoClose: 10_000 });
}
