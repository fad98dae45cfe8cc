/** What Redis does in one step for `RedisStore`, in its Lua. A script is known to the server by its SHA-1. */
import { sha1 } from '@noble/hashes/legacy.js';
import { fromUtf8, toHex } from '../bytes/index.js';

export interface Script {
  readonly lua: string;
  readonly sha: string;
}

const script = (lua: string): Script => ({ lua, sha: toHex(sha1(fromUtf8(lua))) });

/** GETDEL for servers before 6.2. KEYS: the value. */
export const TAKE = script(`
local value = redis.call('GET', KEYS[1])
if value then redis.call('DEL', KEYS[1]) end
return value
`);

/**
 * Marks once, where no mark can have been lost. Beside the marks lies a record: which server it was written on, when,
 * and when it was last seen to be so.
 *
 * - Another server (started again, promoted, resynchronised from another), another count of evictions, or no record
 *   (flushed, new): all before this is unknown, and the record starts anew.
 * - A clock that went back may have been ahead, when marks expired before their time: likewise.
 * - A clock that is not the caller's: marks expire at the wrong time, so there are none. While the clocks agree within
 *   a tolerance at the mark and at the replay, the caller's window is over before the server's window and twice that
 *   have passed: for so long marks are kept, and for so long after its start the record is not trusted.
 * - A policy by which keys that expire may be evicted: no.
 *
 * KEYS: the record, the mark. ARGV: the caller's time, the tolerance, the window and twice the tolerance; milliseconds.
 */
export const MARK = script(`
local server = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local history = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
local evicted = string.match(redis.call('INFO', 'stats'), 'evicted_keys:(%d+)')
local memory = redis.call('INFO', 'memory')
local limit = string.match(memory, '\\nmaxmemory:(%d+)')
local policy = string.match(memory, '\\nmaxmemory_policy:([%w-]+)')
if not (server and history and evicted and limit and policy) then return 'unknown' end

local identity = server .. '.' .. history .. '.' .. evicted
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local tolerance = tonumber(ARGV[2])
local span = tonumber(ARGV[3])
local ahead = now - tonumber(ARGV[1])
local agree = math.abs(ahead) <= tolerance

local known, born, seen = string.match(redis.call('GET', KEYS[1]) or '', '^(%S+) (%d+) (%d+)$')
local function record(since)
  redis.call('SET', KEYS[1], string.format('%s %.0f %.0f', identity, since, now))
end
if known ~= identity or now < tonumber(seen) - tolerance then
  born = now
  if agree then record(now) else redis.call('DEL', KEYS[1]) end
elseif now > tonumber(seen) + 1000 then
  record(born)
end

if limit ~= '0' and policy ~= 'noeviction' then return 'eviction ' .. policy end
if not agree then return string.format('clock %.0f', ahead) end
if now - born < span then return 'young' end
if redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[3]) then return 'marked' end
return 'seen'
`);
