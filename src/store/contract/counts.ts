/** Counting requests for rate limits, by all nodes together. */
export interface RequestCountStore {
  /**
   * Takes some of what a token may still do in its window, for the node to let through by itself: so no request in
   * between asks the store. A window begins with the first request after the last one. What is taken and not used is
   * lost until the window ends. May be forgotten when the store is started anew.
   */
  takeRequests(take: RequestTake): Promise<RequestsTaken>;
}

export interface RequestTake {
  tokenId: string;
  /** What is counted: each has a window of its own. */
  rate: string;
  wanted: number;
  /** Of one window. */
  max: number;
  windowMs: number;
  now: number;
}

export interface RequestsTaken {
  /** Of those wanted: fewer, or none, where no more are left. */
  granted: number;
  /** Left for whoever asks next. */
  left: number;
  windowEndsAt: number;
}
