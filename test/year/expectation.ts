/** The year as a test: the same each time, and what must have happened in it. */
import { expect } from '@jest/globals';
import { liveThrough, type Report, type Run } from './drive.ts';

export function yearOf(run: Pick<Run, 'people' | 'kills'> & Partial<Run>): Promise<Report> {
  return liveThrough({ seed: 20_271_031, every: 1, night: false, log: (line) => console.info(line), ...run });
}

/** `killed`: whether nodes were to be killed; some end what they do before their time comes. */
export function expectPassed(report: Report, killed: boolean): void {
  console.info(JSON.stringify(report));
  expect(report.violations).toEqual([]);
  expect(report.kills > 0).toBe(killed);
  // nearly everybody is invited, a quarter is warned twice of an end and told of it
  expect(report.letters).toBeGreaterThan(report.people * 1.5);
  expect(report.logouts).toBeGreaterThan(report.people * 0.25);
}
