import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCron } from '../../lib/core/schedule/cron.js';
import { occurrences, transitions, walk } from './cron-oracle.js';

const cron = (expression: string, timezone = 'UTC', seconds: 'first' | 'last' = 'first', seed = 'seed') =>
  parseCron(expression, { timezone, seconds, seed });
const at = (text: string): number => Date.parse(text);
const iso = (moment: number): string => new Date(moment).toISOString().replace('.000Z', 'Z');
const HOUR = 3_600_000;

function firesBetween(expression: string, zone: string, from: number, to: number): number[] {
  const fired: number[] = [];
  for (
    let moment = cron(expression, zone).next(from);
    moment <= to;
    moment = cron(expression, zone).next(moment)
  )
    fired.push(moment);
  return fired;
}

const EXPRESSIONS = [
  '* * * * *',
  '*/30 * * * *',
  '15 * * * *',
  '7-59/13 * * * *',
  '0 0 * * *',
  '30 0 * * *',
  '30 1 * * *',
  '30 2 * * *',
  '*/20 2 * * *',
  '*/15 1-3 * * *',
  '0 */2 * * *',
  '59 23 * * *',
  '0 3 * * *',
  '0 12 * * 1-5',
  '30 2 * * 0',
  '0 0 1 * *',
  '45 2 13 * 5',
  '0 0-6 * 3,4,9,10,11 *',
  '15,45 */3 * * *',
  '5 4 1-7 * 0',
];
const ZONES = [
  'Europe/Dublin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
  'Africa/Casablanca',
  'Antarctica/Troll',
  'Asia/Beirut',
  'America/Havana',
];

describe('Against an oracle that walks the wall clock minute by minute', () => {
  it.each(ZONES)('every transition of three years in %s, 20 expressions', (zone) => {
    const changes = [
      ...transitions(zone, at('2016-01-01T00:00Z'), at('2019-01-01T00:00Z')),
      ...transitions(zone, at('2025-01-01T00:00Z'), at('2026-01-01T00:00Z')),
    ];
    expect(changes.length).toBeGreaterThan(3);
    for (const change of changes) {
      const [from, to] = [change - 26 * HOUR, change + 26 * HOUR];
      const minutes = walk(zone, from, to);
      for (const expression of EXPRESSIONS) {
        const expected = occurrences(expression, minutes);
        expect(
          firesBetween(expression, zone, from, to).map(iso),
          `${expression} around ${iso(change)}`,
        ).toEqual(expected.map(iso));
        expect(
          cron(expression, zone).count(from, to + 1),
          `count of ${expression} around ${iso(change)}`,
        ).toBe(expected.length);
        const first = expected[0];
        if (first !== undefined) expect(cron(expression, zone).latest(first, to)).toBe(expected.at(-1));
      }
    }
  });
});

describe('Daylight saving', () => {
  it('T1: a fixed time runs once in the gap, at its end, and once in the overlap, the first time', () => {
    const spring = ['Europe/Berlin', '2024-03-31', '2024-03-31T01:00:00Z'] as const;
    expect(
      firesBetween('30 2 * * *', spring[0], at(`${spring[1]}T00:00Z`), at(`${spring[1]}T12:00Z`)).map(iso),
    ).toEqual([spring[2]]);
    expect(
      firesBetween('30 2 * * *', 'Europe/Berlin', at('2024-10-26T12:00Z'), at('2024-10-27T12:00Z')).map(iso),
    ).toEqual(['2024-10-27T00:30:00Z']);
    expect(
      firesBetween('30 1 * * *', 'America/New_York', at('2024-11-03T00:00Z'), at('2024-11-03T12:00Z')).map(
        iso,
      ),
    ).toEqual(['2024-11-03T05:30:00Z']);
    expect(
      firesBetween('15 2 * * *', 'Australia/Lord_Howe', at('2024-10-05T10:00Z'), at('2024-10-05T20:00Z')).map(
        iso,
      ),
    ).toEqual(['2024-10-05T15:30:00Z']);
    expect(
      firesBetween('30 12 30 12 *', 'Pacific/Apia', at('2011-12-01T00:00Z'), at('2012-01-01T00:00Z')).map(
        iso,
      ),
    ).toEqual(['2011-12-30T10:00:00Z']);
  });

  it('T2: every half hour keeps its cadence through the overlap', () => {
    const fired = firesBetween(
      '*/30 * * * *',
      'Australia/Melbourne',
      at('2024-04-06T10:00Z'),
      at('2024-04-06T22:00Z'),
    );
    expect(new Set(fired.slice(1).map((moment, index) => moment - (fired[index] ?? 0)))).toEqual(
      new Set([HOUR / 2]),
    );
  });

  it('T4: never goes back, never stops, wherever it is asked', () => {
    const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
    const moments = fc.integer({ min: at('1900-01-01T00:00Z'), max: at('2100-01-01T00:00Z') });
    fc.assert(
      fc.property(zones, moments, fc.constantFrom(...EXPRESSIONS), (zone, moment, expression) => {
        const subject = cron(expression, zone);
        const [first, second] = [subject.next(moment), subject.next(subject.next(moment))];
        expect(first).toBeGreaterThan(moment);
        expect(second).toBeGreaterThan(first);
        expect(subject.count(moment, second)).toBe(1);
        expect(subject.latest(first, second - 1)).toBe(first);
        expect(subject.latest(first, second)).toBe(second);
      }),
      { numRuns: 1_500 },
    );
  });

  it('T5: every second goes on through the overlap', () => {
    const fired = firesBetween(
      '* * * * * *',
      'Europe/Berlin',
      at('2024-10-27T00:59:00Z'),
      at('2024-10-27T01:01:00Z'),
    );
    expect(fired).toHaveLength(120);
  });
});

describe('Long silences', () => {
  const subject = cron('* * * * * *', 'Europe/Berlin');

  it('T7: counts and skips thirty days of seconds, and ten years, exactly', () => {
    const [from, days] = [at('2024-10-01T00:00:00Z'), 30 * 24 * HOUR];
    expect(subject.count(from, from + days)).toBe(days / 1_000 - 1);
    expect(subject.latest(from, from + days + 999)).toBe(from + days);
    expect(subject.next(from + days)).toBe(from + days + 1_000);
    const years = at('2034-10-01T00:00:00Z');
    expect(subject.count(from, years)).toBe((years - from) / 1_000 - 1);
  });

  it('finds 29 February across 2100', () => {
    expect(iso(cron('0 0 29 2 *').next(at('2096-03-01T00:00Z')))).toBe('2104-02-29T00:00:00Z');
  });
});

describe('Expressions', () => {
  const next = (expression: string, seconds: 'first' | 'last' = 'first'): string =>
    iso(cron(expression, 'UTC', seconds).next(at('2026-01-01T00:00:30Z')));

  it('reads five and six fields, seconds first or last', () => {
    expect(next('5 * * * *')).toBe('2026-01-01T00:05:00Z');
    expect(next('*/10 * * * * *')).toBe('2026-01-01T00:00:40Z');
    expect(next('* * * * * */10', 'last')).toBe('2026-01-01T00:00:40Z');
  });

  it.each([
    ['@hourly', '2026-01-01T01:00:00Z'],
    ['@daily', '2026-01-02T00:00:00Z'],
    ['@midnight', '2026-01-02T00:00:00Z'],
    ['@weekly', '2026-01-04T00:00:00Z'],
    ['@monthly', '2026-02-01T00:00:00Z'],
    ['@yearly', '2027-01-01T00:00:00Z'],
    ['@minutely', '2026-01-01T00:01:00Z'],
    ['@secondly', '2026-01-01T00:00:31Z'],
    ['@weekdays', '2026-01-02T00:00:00Z'],
    ['0 0 * JAN MON', '2026-01-05T00:00:00Z'],
    ['0 0 L * *', '2026-01-31T00:00:00Z'],
    ['0 0 * * 5L', '2026-01-30T00:00:00Z'],
    ['0 0 * * 1#3', '2026-01-19T00:00:00Z'],
    ['0 0 * * 7', '2026-01-04T00:00:00Z'],
    ['0 0 13 * 5', '2026-01-02T00:00:00Z'],
    ['0 0 ? * 2', '2026-01-06T00:00:00Z'],
  ])('%s first fires at %s', (expression, expected) => {
    expect(next(expression)).toBe(expected);
  });

  it('hashes H by the seed, the same for ever', () => {
    const first = (seed: string) =>
      iso(cron('H H * * *', 'UTC', 'first', seed).next(at('2026-01-01T00:00:00Z')));
    expect([first('bill'), first('bill'), first('steve')]).toEqual([
      first('bill'),
      first('bill'),
      first('steve'),
    ]);
    expect({ bill: first('bill'), steve: first('steve') }).toMatchInlineSnapshot(`
      {
        "bill": "2026-01-01T01:27:00Z",
        "steve": "2026-01-01T14:51:00Z",
      }
    `);
    expect(first('bill')).not.toBe(first('steve'));
    for (let index = 0; index < 100; index++)
      expect(
        new Date(cron('0 0 H 2 *', 'UTC', 'first', `s${index}`).next(0)).getUTCDate(),
      ).toBeLessThanOrEqual(28);
  });

  it.each([
    ['* * * *', /4 fields/],
    ['* * * * * * *', /7 fields/],
    ['', /0 fields/],
    ['61 * * * *', /61/],
    ['* 24 * * *', /24/],
    ['* * 0 * *', /0/],
    ['* * * 13 *', /13/],
    ['* * * * 8', /8/],
    ['*/60 * * * *', /'60' is outside the range of its minute field/],
    ['* */24 * * *', /hour field/],
    ['*/0 * * * *', /'0'/],
    ['nonsense * * * *', /nonsense/],
    ['@fortnightly', /@daily/],
    ['5-1 * * * *', /5/],
  ])('T8: refuses %j', (expression, reason) => {
    expect(() => cron(expression)).toThrow(reason);
    expect(() => cron(expression)).toThrow(RangeError);
  });

  it('T8: points to cronSeconds where Pyncette has its seconds', () => {
    expect(() => cron('* * * * * */10')).toThrow(/day-of-week.*cronSeconds: 'last'/);
    expect(() => cron('*/30 * * * * *', 'UTC', 'last')).not.toThrow();
    expect(() => cron('0 0 12 25 * *', 'UTC', 'last')).toThrow(/cronSeconds: 'first'/);
  });

  it('T6: refuses what never fires', () => {
    for (const expression of ['0 0 30 2 *', '0 0 31 4,6 *', '0 0 0 30 2 *'])
      expect(() => cron(expression)).toThrow(RangeError);
  });

  it.each(['UTC', 'utc', 'UTC+12', 'UTC-3', 'UTC+05:30', 'GMT', 'Europe/Dublin'])(
    'knows the zone %s',
    (zone) => {
      expect(() => cron('0 0 * * *', zone)).not.toThrow();
    },
  );

  it('counts UTC+12 east of Greenwich', () => {
    expect(iso(cron('0 0 * * *', 'UTC+12').next(at('2026-01-01T00:00Z')))).toBe('2026-01-01T12:00:00Z');
    expect(iso(cron('0 0 * * *', 'UTC+05:30').next(at('2026-01-01T00:00Z')))).toBe('2026-01-01T18:30:00Z');
  });

  it.each(['Mars/Olympus', 'UTC+25', '', 'Europe'])('refuses the zone %j', (zone) => {
    expect(() => cron('0 0 * * *', zone)).toThrow(/is no time zone/);
  });
});
