import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  announcementBody,
  readAnnouncement,
  readReport,
  readVouch,
  reportBody,
  vouchBody,
} from '../../../domain/merge/messages.ts';
import { bytes, hotkey } from '../../../domain/units.ts';

const digest = 'ab'.repeat(32);
const gradient = { group: 0, digest, bytes: bytes(10), submissions: 2 };
const announcement = { base: '00'.repeat(24), gradients: [gradient, { ...gradient, group: 3 }] };

describe('the bodies of a merge’s messages', () => {
  test('come back as they were written', () => {
    expect(readAnnouncement(announcementBody(announcement))).toEqual(announcement);
    const vouch = { seen: [{ hotkey: hotkey('a'), announcement: digest, verdict: 'sound' as const }] };
    expect(readVouch(vouchBody(vouch))).toEqual(vouch);
    const report = { hash: '00'.repeat(24), version: 7, manifest: digest };
    expect(readReport(reportBody(report))).toEqual(report);
  });

  test.each([
    ['a group twice', [gradient, gradient]],
    ['groups out of order', [{ ...gradient, group: 1 }, gradient]],
    ['a path for a digest', [{ ...gradient, digest: '../../etc/passwd' }]],
    ['a size below zero', [{ ...gradient, bytes: bytes(-1) }]],
    ['half a submission', [{ ...gradient, submissions: 0.5 }]],
  ])('are none with %s', (_, gradients) => {
    expect(readAnnouncement(announcementBody({ ...announcement, gradients }))).toBeNull();
  });

  test('of strangers are read or are none, and never break the reader', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        for (const read of [readAnnouncement, readVouch, readReport]) expect(() => read(text)).not.toThrow();
      }),
    );
  });
});
