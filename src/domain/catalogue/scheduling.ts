import { category } from './catalogued-type.ts';

const appointment = {
  appointmentId: '65f1c600b7e4d90012ab8001',
  customerId: '65f1bf00b7e4d90012ab3001',
  startsAt: '2026-03-26T10:30:00.000Z',
};

export const SCHEDULING_TYPES = category('scheduling', [
  ['scheduling.appointment.booked', 'An appointment was booked.', { ...appointment, durationMinutes: 30 }],
  [
    'scheduling.appointment.confirmed',
    'An appointment was confirmed.',
    { ...appointment, confirmedBy: 'customer' },
  ],
  [
    'scheduling.appointment.rescheduled',
    'An appointment was moved to another time.',
    { ...appointment, previousStartsAt: '2026-03-25T10:30:00.000Z' },
  ],
  [
    'scheduling.appointment.cancelled',
    'An appointment was cancelled.',
    { ...appointment, cancelledBy: 'customer', reason: 'ill' },
  ],
  ['scheduling.appointment.completed', 'An appointment took place.', appointment],
  ['scheduling.appointment.no_show', 'A customer did not come to an appointment.', appointment],
  [
    'scheduling.reminder.sent',
    'A customer was reminded of an appointment.',
    { ...appointment, channel: 'sms', minutesBefore: 60 },
  ],
]);
