import { MOMENT_LENGTH } from './history-text.js';
import { AT_ONCE, script } from './script.js';

/** Most executions that are remembered in one home, whatever the retention: memory is not to grow with them. */
export const MOST_EXECUTIONS = 100_000;

/** The text of a moment, as a pattern. */
const MOMENT = '%d'.repeat(MOMENT_LENGTH);

/** Most that go because there are too many, whenever some are added. */
const MOST_GOING = 1_000;

/**
 * Within scripts. `begin`: how the line of a place begins, nil where people have written by hand. `forget`: the lines of executions
 * that leave the set of those that ended, given as that set answers them with scores. `remember`: adds executions, ARGV, the line of
 * each: it says when that ended, and its place. One that is there already is left alone; the oldest go where there are too many.
 */
export const HISTORY = `
local function begin(place, score)
  local name, instance = string.match(place, '^(.*%z)(.*)$')
  return name and instance .. '\\0' .. string.format('%0${MOMENT_LENGTH}.0f', score) .. name
end
local function forget(history, places)
  for i = 1, #places, 2 do
    local line = begin(places[i], places[i + 1])
    if line then redis.call('ZREMRANGEBYLEX', history, '[' .. line, '(' .. line .. '\\255') end
  end
end
local function isNew(ended, history, score, place)
  local line = begin(place, score)
  return tonumber(redis.call('ZSCORE', ended, place)) == tonumber(score)
    and #redis.call('ZRANGEBYLEX', history, '[' .. line, '(' .. line .. '\\255', 'LIMIT', 0, 1) == 0
end
local function remember(ended, history, from, to)
  for first = from, to, ${AT_ONCE} do
    local last = math.min(to, first + ${AT_ONCE - 1})
    local places, lines = {}, {}
    for at = first, last do
      local instance, moment, name = string.match(ARGV[at], '^([^%z]*)%z(${MOMENT})(.*%z)')
      places[#places + 1] = moment
      places[#places + 1] = name .. instance
    end
    local added = redis.call('ZADD', ended, 'NX', unpack(places))
    for i = 1, #places, 2 do
      if added * 2 == #places or isNew(ended, history, places[i], places[i + 1]) then
        lines[#lines + 1] = 0
        lines[#lines + 1] = ARGV[first + (i - 1) / 2]
      end
    end
    if #lines > 0 then redis.call('ZADD', history, unpack(lines)) end
  end
  local over = redis.call('ZCARD', ended) - ${MOST_EXECUTIONS}
  if over > 0 then forget(history, redis.call('ZPOPMIN', ended, math.min(over, ${MOST_GOING}))) end
end
`;

/** Writes executions down that no settlement follows. KEYS: those that ended, the history. ARGV as `remember` takes them. */
export const REMEMBER = script(`${HISTORY}
remember(KEYS[1], KEYS[2], 1, #ARGV)`);

/** Forgets what ended before a moment. KEYS as above. ARGV: the moment, and how many at most. Answers how many. */
export const PRUNE = script(`${HISTORY}
local old = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1], 'WITHSCORES', 'LIMIT', 0, ARGV[2])
forget(KEYS[2], old)
if #old > 0 then redis.call('ZREMRANGEBYRANK', KEYS[1], 0, #old / 2 - 1) end
return #old / 2`);
