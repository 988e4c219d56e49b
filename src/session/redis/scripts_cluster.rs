//! The scripts of a cluster, where each names one key.
//!
//! The index of an owner is on that owner's slot: a sorted set of IDs by their absolute deadlines.
//! It has all sessions of the owner, and perhaps some that are not there, yet or any longer.

use super::script::Script;
use super::scripts::scripts;
use std::sync::LazyLock;

scripts! {
    /// `index`; ID, how long it may stay, entries that there may be.
    ENTER = r"
local there = redis.call('ZSCORE', key, ARGV[2])
if not there and redis.call('ZCOUNT', key, '(' .. text(now), '+inf') >= tonumber(ARGV[4]) then
    return {nonce, 'full', 'sessions_per_owner'}
end
redis.call('ZADD', key, text(now + ARGV[3]), ARGV[2])
redis.call('ZREMRANGEBYSCORE', key, '-inf', text(now))
if redis.call('PTTL', key) < tonumber(ARGV[3]) then redis.call('PEXPIRE', key, ARGV[3]) end
return {nonce, 'ok'}
";

    /// `index`: the IDs.
    ENTRIES = r"
local found = {nonce, 'ok'}
for _, id in ipairs(redis.call('ZRANGE', key, 0, -1)) do found[#found + 1] = id end
return found
";

    /// `session`; how long: whether it is neither there nor on its way to another slot. None may make
    /// it then for so long.
    CONDEMN = r"
local s = redis.call('HMGET', key, 'u', 'x')
if s[1] and tonumber(s[1]) > now then return {nonce, 'ok', 0} end
if not s[2] then
    redis.call('UNLINK', key)
    redis.call('HSET', key, 'x', '*')
end
redis.call('PEXPIRE', key, ARGV[2])
return {nonce, 'ok', 1}
";

    /// `index`; IDs to remove.
    STRIKE = r"
redis.call('ZREM', key, unpack(ARGV, 2))
return {nonce, 'ok'}
";

    /// `session`; owner or `*`, how long to know: whether it was there, and its owner.
    REMOVE = r"
local s = redis.call('HMGET', key, 'i', 'o', 'v', 'b', 'a', 'u', 't', 'm', 'c')
if not s[UNTIL] or tonumber(s[UNTIL]) <= now then return {nonce, 'ok', 0, ''} end
if ARGV[2] ~= '*' and s[OWNER] ~= ARGV[2] then return {nonce, 'ok', 0, ''} end
bury(key, s[MADE], ARGV[3])
return {nonce, 'ok', 1, s[OWNER]}
";

    /// `session`; owner, write, whether to give all of it: the time to the absolute deadline, and all
    /// of it. From here on it is gone. Or that it has been taken away by this write before: 0.
    LEAVE = r"
local s = redis.call('HMGET', key, 'i', 'o', 'v', 'b', 'a', 'u', 't', 'm', 'c')
local left = redis.call('HMGET', key, 'x', 'y')
if left[1] and left[2] ~= ARGV[3] then return {nonce, 'gone'} end
if not s[UNTIL] or tonumber(s[UNTIL]) <= now then return {nonce, 'ok', 0} end
if s[MOVING] and s[MOVING] ~= ARGV[3] then return {nonce, 'gone'} end
if s[OWNER] ~= ARGV[2] then return {nonce, 'owner'} end
if not s[MOVING] then redis.call('HSET', key, 'm', ARGV[3]) end
return {nonce, 'ok', s[LAST] - now, ARGV[4] == '1' and redis.call('DUMP', key) or ''}
";

    /// `session`; write: it is there again, since the rotation was refused.
    STAY = r"
if redis.call('HGET', key, 'm') == ARGV[2] then redis.call('HDEL', key, 'm') end
return {nonce, 'ok'}
";

    /// `session`; write: the record, if the write has made it.
    MADE_BY = r"
local s = session(key)
if not s or s[MADE] ~= ARGV[2] then return {nonce, 'gone'} end
return record(key, s)
";

    /// `session`; ID, owner, idle, absolute, write, all of the old one or nothing: the record, and
    /// whether the index may have lost it meanwhile.
    ARRIVE = r"
local id, owner, write, all = ARGV[2], ARGV[3], ARGV[6], ARGV[7]
local there = redis.call('HMGET', key, 'x', 'u', 'm')
local s = session(key)
if s and s[MADE] == write then
    local arrived = record(key, s)
    arrived[#arrived + 1] = 1
    return arrived
end
if s or there[3] then return {nonce, 'exists'} end
if there[1] == write then return {nonce, 'gone'} end
if all == '' then
    if there[1] or there[2] then redis.call('UNLINK', key) end
    s = make(key, id, owner, tonumber(ARGV[4]), tonumber(ARGV[5]), '', write)
else
    redis.call('RESTORE', key, 0, all, 'REPLACE')
    redis.call('HDEL', key, 'm')
    redis.call('HSET', key, 'i', id, 'c', write)
    expire(key, redis.call('HGET', key, 'u'))
    s = session(key)
    if not s then return {nonce, 'gone'} end
end
local arrived = record(key, s)
arrived[#arrived + 1] = there[1] == '*' and 1 or 0
return arrived
";

    /// `session`; write, how long to know, the session in its place or nothing if that is for another
    /// owner: whether it was still about to leave, or has left.
    LEFT = r"
local left = redis.call('HMGET', key, 'm', 'y', 'c', 'u', 'x')
if left[1] == ARGV[2] then
    bury(key, left[3], ARGV[3])
    redis.call('HSET', key, 'y', ARGV[2])
    if ARGV[4] ~= '' then redis.call('HSET', key, 'n', ARGV[4]) end
    return {nonce, 'ok', 1}
end
if left[2] == ARGV[2] or not left[5] then return {nonce, 'ok', 1} end
return {nonce, 'ok', 0}
";

    /// `session`; write: deletes it, if this write has made it.
    TAKE_BACK = r"
local s = session(key)
if s and s[MADE] == ARGV[2] then bury(key, s[MADE], ARGV[3]) end
return {nonce, 'ok'}
";
}
