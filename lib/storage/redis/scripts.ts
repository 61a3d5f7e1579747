import { HISTORY } from './history-scripts.js';
import { AT_ONCE, script } from './script.js';

/** The server's time in epoch milliseconds. The key says which node of a cluster is asked. */
export const TIME = script(`
local time = redis.call('TIME')
return string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))`);

/**
 * What is due. KEYS: controls of tasks, then queues by what can be claimed when. ARGV: the moment ('': the server's own), how many
 * controls, and for each queue how many of its rows. Answers the moment, what the controls say, and for each queue what is due, and
 * the next that will be.
 */
export const LOOK = script(`
local now = ARGV[1]
if now == '' then
  local time = redis.call('TIME')
  now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
end
local controls = tonumber(ARGV[2])
local answer = { now }
for i = 1, controls do
  answer[#answer + 1] = redis.call('HKEYS', KEYS[i])
end
for i = controls + 1, #KEYS do
  answer[#answer + 1] = redis.call('ZRANGEBYSCORE', KEYS[i], '-inf', now, 'WITHSCORES', 'LIMIT', 0, ARGV[i - controls + 2])
  answer[#answer + 1] = redis.call('ZRANGEBYSCORE', KEYS[i], '(' .. now, '(inf', 'WITHSCORES', 'LIMIT', 0, 1)
end
return answer`);

/**
 * Writes rows that nobody has written since they were read. KEYS: the rows, their names, the queue they were in, the queue they
 * are in. ARGV, four for each: the instance, the version it was read with ('': there was none), the row as it is written ('': none
 * any more), and when it can be claimed. Answers which were not written, counted from 0. Asked a second time, because no answer
 * came, it finds its own writing and changes nothing; of a row that it has deleted it cannot tell that, and says that there is none.
 * Deletes first: they are allowed when the memory is full.
 *
 * With executions to be remembered, KEYS goes on with those that ended and the history, ARGV with what `remember` takes and, at its
 * end, how many arguments are about rows. They are written whatever becomes of the rows, and before these: with a full memory that is
 * refused, while it would not be after a deletion. What was wrong is answered after the rows that were not written.
 */
export const WRITE = script(`${HISTORY}
local rows, names, before, after = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local refused, last, trouble = {}, #ARGV, false
if KEYS[5] then
  last = tonumber(ARGV[#ARGV])
  local fine, reason = pcall(remember, KEYS[5], KEYS[6], last + 1, #ARGV - 1)
  if not fine then trouble = type(reason) == 'table' and reason.err or tostring(reason) end
end
for from = 1, last, ${AT_ONCE * 4} do
  local instances = {}
  for at = from, math.min(last, from + ${AT_ONCE * 4 - 1}), 4 do
    instances[#instances + 1] = ARGV[at]
  end
  local put, due, born, gone, dead = {}, {}, {}, {}, {}
  for i, found in ipairs(redis.call('HMGET', rows, unpack(instances))) do
    local at = from + (i - 1) * 4
    local instance, version, row = ARGV[at], ARGV[at + 1], ARGV[at + 2]
    local isSame
    if found == '' then found = false end
    if found then
      isSame = version ~= '' and string.sub(found, 1, #version) == version
    else
      isSame = version == ''
    end
    if isSame and row == '' then
      gone[#gone + 1] = instance
      if instance ~= '' then dead[#dead + 1] = instance end
    elseif isSame then
      put[#put + 1] = instance
      put[#put + 1] = row
      due[#due + 1] = ARGV[at + 3]
      due[#due + 1] = instance
      if not found and instance ~= '' then
        born[#born + 1] = 0
        born[#born + 1] = instance
      end
    elseif found ~= row then
      refused[#refused + 1] = (at - 1) / 4
    end
  end
  if #gone > 0 then
    redis.call('HDEL', rows, unpack(gone))
    redis.call('ZREM', before, unpack(gone))
  end
  if #dead > 0 then redis.call('ZREM', names, unpack(dead)) end
  if #put > 0 then
    redis.call('HSET', rows, unpack(put))
    redis.call('ZADD', after, unpack(due))
    if before ~= after then
      for i = 2, #due, 2 do redis.call('ZREM', before, due[i]) end
    end
  end
  if #born > 0 then redis.call('ZADD', names, unpack(born)) end
end
return { refused, trouble }`);

/** Takes out of a queue what has no row. KEYS: the rows, the queue. ARGV: the instances that are looked at. */
export const SWEEP = script(`
local dangling = {}
for i, found in ipairs(redis.call('HMGET', KEYS[1], unpack(ARGV))) do
  if not found then dangling[#dangling + 1] = ARGV[i] end
end
if #dangling > 0 then redis.call('ZREM', KEYS[2], unpack(dangling)) end`);

/** Deletes a field that still says what was read. KEYS: the hash. ARGV: the field, what it said. */
export const DELETE_FIELD = script(`
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then redis.call('HDEL', KEYS[1], ARGV[1]) end`);
