// Time of the window, always in the scenario's own zone: the offset stands in its start.
import {report} from "./report.js";

const parts = /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)(.*)$/;

const start = () => {
  const [, year, month, day, hour, minute, second] = parts.exec(report.result.start).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
};

const two = number => String(number).padStart(2, "0");

// "12:30", or "12:30:05" between minutes: the local clock so many minutes into the window.
export function clock(minutes) {
  const at = new Date(start() + minutes * 60e3);
  const seconds = at.getUTCSeconds() > 0 ? `:${two(at.getUTCSeconds())}` : "";
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}${seconds}`;
}

// "27 February 2025, 12:30".
export function dateAndTime(minutes) {
  const at = new Date(start() + minutes * 60e3);
  const month = at.toLocaleString("en-GB", {month: "long", timeZone: "UTC"});
  return `${at.getUTCDate()} ${month} ${at.getUTCFullYear()}, ${clock(minutes)}`;
}

// "Asia/Shanghai (UTC+08:00)".
export function zone() {
  const offset = parts.exec(report.result.start)[7];
  return `${report.result.time_zone} (${offset === "Z" ? "UTC" : `UTC${offset}`})`;
}

export const windowMinutes = () => report.result.service.window_s / 60;
export const hourLabels = () => report.result.hours.map(hour => `${two(hour.local_hour)}:00`);
export const timeAxisName = () => `local time, ${zone()}`;
