import type { Replay } from '../domain/replay.ts';

type Coded = 'eventTypes' | 'states' | 'position' | 'isExhausted' | 'countedTo' | 'isCounted';

/** A row of `replays` with its names in camel case; true and false as the store has them. */
export type ReplayRow = Omit<Replay, Coded> & {
  eventTypes: string | null;
  states: string;
  positionAt: number | null;
  positionSeq: number | null;
  countedAt: number | null;
  countedSeq: number | null;
  isExhausted: boolean | number;
  isCounted: boolean | number;
};

export function toReplay(row: ReplayRow): Replay {
  const { positionAt, positionSeq, countedAt, countedSeq, ...rest } = row;
  const place = (createdAt: number | null, seq: number | null) =>
    createdAt === null || seq === null ? null : { createdAt, seq };
  return {
    ...rest,
    eventTypes: row.eventTypes === null ? null : (JSON.parse(row.eventTypes) as string[]),
    states: JSON.parse(row.states) as Replay['states'],
    position: place(positionAt, positionSeq),
    isExhausted: Boolean(row.isExhausted),
    countedTo: place(countedAt, countedSeq),
    isCounted: Boolean(row.isCounted),
  };
}
