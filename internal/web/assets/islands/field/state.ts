// State: the one thing every view looks at.
import type { Day, Waiting } from "./types";

export const app = {
  account: "",
  day: null as Day | null,
  waiting: [] as Waiting[],
  skew: 0,          // ms the phone's clock is ahead
  sending: "",      // key of the item under way
  signedOut: false, // the session has ended: work goes on, sending waits
  cut: false,       // the last try reached nobody
  fresh: false,     // something arrived since the day was fetched
  newer: false,     // a newer app is ready
};

const listeners: (() => void)[] = [];
export const onChange = (f: () => void): void => { listeners.push(f); };
export const changed = (): void => { listeners.forEach((f) => f()); };

// now is the district's time.
export const now = (): number => Date.now() - app.skew;
