// Times as WeChat writes them.

const MINUTE = 60_000;
export const GAP = 5 * MINUTE;

const two = (number) => String(number).padStart(2, "0");

export const clock = (date) => `${two(date.getHours())}:${two(date.getMinutes())}`;

export function stamp(at, now = Date.now()) {
  if (now - at < MINUTE) return "刚刚";
  const then = new Date(at);
  const days = Math.round((midnight(new Date(now)) - midnight(then)) / (24 * 60 * MINUTE));
  if (days <= 0) return clock(then);
  if (days === 1) return `昨天 ${clock(then)}`;
  return `${then.getMonth() + 1}月${then.getDate()}日 ${clock(then)}`;
}

const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
