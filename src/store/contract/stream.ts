/**
 * The live stream of a workspace: a short log that nodes write of what happens in it, only while somebody listens. Its
 * items are numbered, each by one more than the one before it, in the order of commit; whatever is not there any more, or was never written, leaves its
 * number free, so that a reader who knows the last one he has seen knows of every gap.
 */
export interface StreamStore {
  /**
   * Somebody listens to the workspace, at least until then: all nodes write what happens in it. Answers the number of
   * the newest item. Where nobody has been listening until now, a number is left out: what happened meanwhile is missing.
   */
  listenTo(workspaceId: string, until: number, now: number): Promise<number>;
  /** The workspaces that somebody listens to. */
  listListened(now: number): Promise<string[]>;
  /** Adds items, in order; those of workspaces whose stream nobody ever opened are left out. */
  appendToStreams(items: readonly NewStreamItem[]): Promise<void>;
  /** The items behind the number, the oldest first, and the number of the newest there is. */
  readStream(workspaceId: string, after: number, limit: number): Promise<StreamPage>;
}

/** A stream keeps so many of its newest items for those who come back: some minutes of a busy workspace. */
export const STREAM_ITEMS_KEPT = 10_000;

/**
 * Whenever listening begins, numbers go on from the time, in so many parts of a millisecond: they only grow, also where a
 * backup was restored or a store was moved since, and more items than that do not fit into one.
 */
export const NUMBERS_PER_MS = 1_000;

export interface NewStreamItem {
  workspaceId: string;
  kind: StreamKind;
  /** Of the event that it is about, where it is about one. */
  eventType: string | null;
  subscriptionId: string | null;
  /** JSON text of what is shown. */
  data: string;
}

/** `deliveries`: so many of one subscription in one message; `missed`: a node could not write everything. */
export type StreamKind =
  'event' | 'erasure' | 'attempt' | 'delivery' | 'deliveries' | 'subscription' | 'missed';

export interface StreamItem extends Omit<NewStreamItem, 'workspaceId'> {
  number: number;
}

export interface StreamPage {
  items: StreamItem[];
  last: number;
}
