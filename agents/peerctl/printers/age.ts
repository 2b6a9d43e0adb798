const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** Below `limit`, a duration is told in `unit`s, and in `minor` units as well where one is named. */
const STEPS = [
  { limit: 2 * MINUTE, unit: SECOND, letter: 's' },
  { limit: 10 * MINUTE, unit: MINUTE, letter: 'm', minor: SECOND, minorLetter: 's' },
  { limit: 3 * HOUR, unit: MINUTE, letter: 'm' },
  { limit: 8 * HOUR, unit: HOUR, letter: 'h', minor: MINUTE, minorLetter: 'm' },
  { limit: 2 * DAY, unit: HOUR, letter: 'h' },
  { limit: 8 * DAY, unit: DAY, letter: 'd', minor: HOUR, minorLetter: 'h' },
  { limit: 2 * YEAR, unit: DAY, letter: 'd' },
  { limit: 8 * YEAR, unit: YEAR, letter: 'y', minor: DAY, minorLetter: 'd' },
  { limit: Number.POSITIVE_INFINITY, unit: YEAR, letter: 'y' },
];

/** Milliseconds as kubectl writes them: `45s`, `3m20s`, `5h`, `2d3h`, `400d`. */
export function formatDuration(milliseconds: number): string {
  // A clock that is a moment behind is not worth a word.
  if (milliseconds < -SECOND) return '<invalid>';
  const step = STEPS.find(({ limit }) => milliseconds < limit);
  if (!step) return '<unknown>';
  const whole = Math.max(0, Math.floor(milliseconds / step.unit));
  const rest = step.minor ? Math.floor((milliseconds % step.unit) / step.minor) : 0;
  return `${whole}${step.letter}${rest > 0 ? `${rest}${step.minorLetter}` : ''}`;
}

/** How long ago an RFC 3339 time was. */
export function age(timestamp: string | undefined, now: number): string {
  return timestamp === undefined ? '<unknown>' : formatDuration(now - Date.parse(timestamp));
}
