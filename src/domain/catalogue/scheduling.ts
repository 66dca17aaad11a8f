import { category } from './catalogued-type.ts';
import { channelKind, count, id, moment, word } from './fields.ts';

const appointment = {
  appointmentId: '65f1c600b7e4d90012ab8001',
  customerId: '65f1bf00b7e4d90012ab3001',
  startsAt: '2026-03-26T10:30:00.000Z',
};
const fields = {
  appointmentId: id('appointment'),
  'customerId?': id('customer'),
  'startsAt?': moment('When it begins'),
};
const who = word('Who', 'customer', 'agent');

export const SCHEDULING_TYPES = category('scheduling', [
  [
    'scheduling.appointment.booked',
    'An appointment was booked.',
    { ...fields, 'durationMinutes?': count('How long it takes') },
    { ...appointment, durationMinutes: 30 },
  ],
  [
    'scheduling.appointment.confirmed',
    'An appointment was confirmed.',
    { ...fields, 'confirmedBy?': who },
    { ...appointment, confirmedBy: 'customer' },
  ],
  [
    'scheduling.appointment.rescheduled',
    'An appointment was moved to another time.',
    { ...fields, 'previousStartsAt?': moment('When it would have begun') },
    { ...appointment, previousStartsAt: '2026-03-25T10:30:00.000Z' },
  ],
  [
    'scheduling.appointment.cancelled',
    'An appointment was cancelled.',
    { ...fields, 'cancelledBy?': who, 'reason?': word('Why', 'ill') },
    { ...appointment, cancelledBy: 'customer', reason: 'ill' },
  ],
  ['scheduling.appointment.completed', 'An appointment took place.', fields, appointment],
  ['scheduling.appointment.no_show', 'A customer did not come to an appointment.', fields, appointment],
  [
    'scheduling.reminder.sent',
    'A customer was reminded of an appointment.',
    { ...fields, 'channel?': channelKind, 'minutesBefore?': count('How long before it begins') },
    { ...appointment, channel: 'sms', minutesBefore: 60 },
  ],
]);
