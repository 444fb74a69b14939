// Calendar arithmetic, UTC only: the lab's machine has no time zone. No host clock here.

import { civilDate } from '../base/civil.ts';

const dayNs = 86_400e9;
export const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
export const weekdayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

/** Days since 1970 of a date of the Gregorian calendar; month 1 to 12. */
export function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yoe = y - era * 400;
  const doy = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146097 + yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy - 719468;
}

/** A moment, with the getters of JavaScript's date that the file tools use. */
export class WallTime {
  readonly ns: number;
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  /** 1 to 366. */
  readonly yearDay: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nano: number;

  constructor(ns: number) {
    this.ns = ns;
    const days = Math.floor(ns / dayNs);
    const date = civilDate(days);
    this.year = date.year;
    this.month = date.month;
    this.day = date.day;
    this.yearDay = days - daysOf(this.year, 1, 1) + 1;
    this.weekday = (((days + 4) % 7) + 7) % 7;
    const rest = ns - days * dayNs;
    const seconds = Math.floor(rest / 1e9);
    this.hour = Math.floor(seconds / 3600);
    this.minute = Math.floor(seconds / 60) % 60;
    this.second = seconds % 60;
    this.nano = Math.floor(rest - seconds * 1e9);
  }

  getTime(): number {
    return Math.floor(this.ns / 1e6);
  }
  valueOf(): number {
    return this.getTime();
  }
  getFullYear(): number {
    return this.year;
  }
  getMonth(): number {
    return this.month - 1;
  }
  getDate(): number {
    return this.day;
  }
  getDay(): number {
    return this.weekday;
  }
  getHours(): number {
    return this.hour;
  }
  getMinutes(): number {
    return this.minute;
  }
  getSeconds(): number {
    return this.second;
  }
  getMilliseconds(): number {
    return Math.floor(this.nano / 1e6);
  }
  toISOString(): string {
    const two = (n: number): string => String(n).padStart(2, '0');
    const date = `${String(this.year).padStart(4, '0')}-${two(this.month)}-${two(this.day)}`;
    return `${date}T${two(this.hour)}:${two(this.minute)}:${two(this.second)}.${String(this.getMilliseconds()).padStart(3, '0')}Z`;
  }
}
