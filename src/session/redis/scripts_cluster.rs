//! The scripts of a cluster, where each names one key.
//!
//! The index of an owner is on that owner's slot: a sorted set of IDs by their absolute deadlines.
//! It has all sessions of the owner, and perhaps some that are not there, yet or any longer.
//!
//! **Deleting all** begins a new *era* of the owner, in the same step that reads the index. Each session
//! knows the era in which it was entered. One of an earlier era does not rotate any more, and what was
//! entered in one and is still to come is refused when it comes. So what is there when the index is read
//! can be deleted one by one: nothing leaves for a place that was not read.
//!
//! **Striking** what is not there from the index first leaves at the session's key the score that its
//! entry was read with. What comes with that score or a lower one is refused, and has to be entered anew
//! with a higher one, which whoever is about to strike the one before does not strike. So nothing that
//! is there is not in the index, at no moment.

use super::script::Script;
use super::scripts::scripts;
use std::sync::LazyLock;

/// The era of the index, and the one that a session must be of to rotate.
///
/// The entry with a score below 0 is no session: minus its score is the era, and its name has the one
/// session that was left there and the era that this one must be of.
macro_rules! with_era {
    ($text:literal) => {
        concat!(
            r"
local function era(id)
    local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
    local began = tonumber(first[2] or 0)
    if began >= 0 then return 0, 0 end
    local oldest, left = first[1]:match('^\n(%d+):(.*)$')
    return -began, left == id and tonumber(oldest) or -began
end
",
            $text
        )
    };
}

scripts! {
    /// `index`; ID, how long it may stay, entries that there may be, the ID of which it takes the place
    /// or nothing, a score: the era, the one that the other must be of, and the score of the entry. That
    /// is higher than the one given, and than the one before if the ID is entered again.
    ENTER = with_era!(r"
local there = redis.call('ZSCORE', key, ARGV[2])
if not there and redis.call('ZCOUNT', key, '(' .. text(now), '+inf') >= tonumber(ARGV[4]) then
    return {nonce, 'full', 'sessions_per_owner'}
end
local last = ARGV[5] ~= '' and redis.call('ZSCORE', key, ARGV[5]) or now + ARGV[3]
last = math.max(last, there and there + 1 or 0, ARGV[6] + 1)
redis.call('ZADD', key, text(last), ARGV[2])
redis.call('ZREMRANGEBYSCORE', key, 0, text(now))
local stays = last - now
if redis.call('PTTL', key) < stays then redis.call('PEXPIRE', key, text(stays)) end
local began, oldest = era(ARGV[5])
return {nonce, 'ok', began, oldest, last}
");

    /// `index`: the IDs.
    ENTRIES = r"
local found = {nonce, 'ok'}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', key, 0, '+inf')) do found[#found + 1] = id end
return found
";

    /// `index`: the IDs, each with its score.
    SCORES = r"
local found = {nonce, 'ok'}
for _, text in ipairs(redis.call('ZRANGEBYSCORE', key, 0, '+inf', 'WITHSCORES')) do
    found[#found + 1] = text
end
return found
";

    /// `index`; IDs to remove, each with the score that it was read with: what was entered again since
    /// stays.
    STRIKE_AS_READ = r"
for at = 2, #ARGV, 2 do
    if redis.call('ZSCORE', key, ARGV[at]) == ARGV[at + 1] then redis.call('ZREM', key, ARGV[at]) end
end
return {nonce, 'ok'}
";

    /// `index`; ID to leave or nothing, how long to know: the new era, and the IDs.
    BEGIN_ERA = with_era!(r"
if redis.call('EXISTS', key) == 0 then return {nonce, 'ok', 0} end
local before, oldest = era(ARGV[2])
local began = math.max(before + 1, now)
redis.call('ZREMRANGEBYSCORE', key, '-inf', '(0')
redis.call('ZADD', key, text(-began), '\n' .. text(oldest) .. ':' .. ARGV[2])
if redis.call('PTTL', key) < tonumber(ARGV[3]) then redis.call('PEXPIRE', key, ARGV[3]) end
local found = {nonce, 'ok', began}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', key, 0, '+inf')) do found[#found + 1] = id end
return found
");

    /// `session`; how long, score: whether it is neither there nor on its way to another slot. For so
    /// long none comes then that was entered with this score or a lower one; what is entered anew
    /// meanwhile is on its way, and is not struck once more.
    CONDEMN = r"
local s = redis.call('HMGET', key, 'u', 'q')
if s[1] and tonumber(s[1]) > now then return {nonce, 'ok', 0} end
if s[2] then return {nonce, 'ok', struck(s[2], ARGV[3]) and 1 or 0} end
if s[1] then redis.call('UNLINK', key) end
redis.call('HSET', key, 'q', ARGV[3])
redis.call('PEXPIRE', key, ARGV[2])
return {nonce, 'ok', 1}
";

    /// `index`; IDs to remove.
    STRIKE = r"
for from = 2, #ARGV, 1000 do
    redis.call('ZREM', key, unpack(ARGV, from, math.min(from + 999, #ARGV)))
end
return {nonce, 'ok'}
";

    /// `session`: its ID, its owner, when it was made, its age and the time that is left.
    INFO = r"
local s = session(key)
if not s then return {nonce, 'gone'} end
return {nonce, 'ok', s[ID], s[OWNER], tonumber(s[BORN]), now - s[BORN], s[UNTIL] - now}
";

    /// `session`; owner or `*`, how long to know, era or 0: whether it was there, its owner, and if it
    /// was on its way to another slot, the write that takes it there and the ID that it gets; these also
    /// when that is asked again. What is not there, and was entered before that era, will not come.
    REMOVE = r"
local s = redis.call('HMGET', key, 'i', 'o', 'v', 'b', 'a', 'u', 't', 'm', 'c')
if not s[UNTIL] or tonumber(s[UNTIL]) <= now then
    if ARGV[4] ~= '0' and not s[UNTIL] then
        local before = redis.call('HGET', key, 'g')
        redis.call('HDEL', key, 'g')
        redis.call('HSET', key, 'g', late(before, ARGV[4]) and before or ARGV[4])
        redis.call('PEXPIRE', key, ARGV[3])
    end
    local doomed = not s[UNTIL] and redis.call('HGET', key, 'h')
    if not doomed or ARGV[2] ~= '*' and s[OWNER] ~= ARGV[2] then return {nonce, 'ok', 0} end
    return {nonce, 'ok', 0, s[OWNER], doomed:sub(1, 16), doomed:sub(17)}
end
if ARGV[2] ~= '*' and s[OWNER] ~= ARGV[2] then return {nonce, 'ok', 0} end
local next = s[MOVING] and redis.call('HGET', key, 'r')
bury(key, s[MADE], ARGV[3])
if not next then return {nonce, 'ok', 1, s[OWNER]} end
redis.call('HSET', key, 'o', s[OWNER], 'h', s[MOVING] .. next)
return {nonce, 'ok', 1, s[OWNER], s[MOVING], next}
";

    /// `session`; owner, write, whether to give all of it, the era that it must be of, next ID: the time to the
    /// absolute deadline, all of it, and whether it was there. From here on it is gone. Or that it has
    /// been taken away by this write before: 0.
    LEAVE = r"
local s = redis.call('HMGET', key, 'i', 'o', 'v', 'b', 'a', 'u', 't', 'm', 'c')
local left = redis.call('HMGET', key, 'x', 'y')
if left[1] and left[2] ~= ARGV[3] then return {nonce, 'gone'} end
if not s[UNTIL] or tonumber(s[UNTIL]) <= now then return {nonce, 'ok', 0} end
if s[MOVING] and s[MOVING] ~= ARGV[3] then return {nonce, 'gone'} end
if s[OWNER] ~= ARGV[2] then return {nonce, 'owner'} end
if tonumber(redis.call('HGET', key, 'n') or 0) < tonumber(ARGV[5]) then return {nonce, 'gone'} end
if not s[MOVING] then redis.call('HSET', key, 'm', ARGV[3], 'r', ARGV[6]) end
local all = ARGV[4] == '1' and redis.call('DUMP', key) or ''
return {nonce, 'ok', s[LAST] - now, all, s[MOVING] and 0 or 1}
";

    /// `session`; write: whether this rotation has taken it away.
    LEAVING = r"
local left = redis.call('HMGET', key, 'm', 'y')
return {nonce, 'ok', (left[1] == ARGV[2] or left[2] == ARGV[2]) and 1 or 0}
";

    /// `session`; write: it is there again, since the rotation was refused.
    STAY = r"
if redis.call('HGET', key, 'm') == ARGV[2] then redis.call('HDEL', key, 'm', 'r') end
return {nonce, 'ok'}
";

    /// `session`; write: the record, if the write has made it.
    MADE_BY = r"
local s = session(key)
if not s or s[MADE] ~= ARGV[2] then return {nonce, 'gone'} end
return record(key, s)
";

    /// `session`; ID, owner, idle, absolute, write, all of the old one or nothing, era, score: the record,
    /// or the score that its entry has to be above.
    ARRIVE = r"
local id, owner, write, all = ARGV[2], ARGV[3], ARGV[6], ARGV[7]
local there = redis.call('HMGET', key, 'x', 'm', 'g', 'q')
local s = session(key)
if s and s[MADE] == write then return record(key, s) end
if s or there[2] then return {nonce, 'exists'} end
if there[1] == write then return {nonce, 'gone'} end
if late(there[3], ARGV[8]) or struck(there[4], ARGV[9]) then
    return {nonce, 'late', tonumber(there[4] or 0)}
end
if all == '' then
    if redis.call('EXISTS', key) == 1 then redis.call('UNLINK', key) end
    s = make(key, id, owner, tonumber(ARGV[4]), tonumber(ARGV[5]), '', write)
else
    redis.call('RESTORE', key, 0, all, 'REPLACE')
    redis.call('HDEL', key, 'm', 'r')
    redis.call('HSET', key, 'i', id, 'c', write)
    expire(key, redis.call('HGET', key, 'u'))
    s = session(key)
    if not s then return {nonce, 'gone'} end
end
redis.call('HSET', key, 'n', ARGV[8])
return record(key, s)
";

    /// `session`; write, how long to know, the session in its place or nothing if that is for another
    /// owner: whether it was still about to leave, or has left.
    LEFT = r"
local left = redis.call('HMGET', key, 'm', 'y', 'c', 'u', 'x')
if left[1] == ARGV[2] then
    bury(key, left[3], ARGV[3])
    redis.call('HSET', key, 'y', ARGV[2])
    if ARGV[4] ~= '' then redis.call('HSET', key, 's', ARGV[4]) end
    return {nonce, 'ok', 1}
end
if left[2] == ARGV[2] or not left[5] then return {nonce, 'ok', 1} end
return {nonce, 'ok', 0}
";

    /// `session`; write, how long to know: deletes it if this write has made it, and sees to it that
    /// the write will not make it. Whether nothing is there then.
    TAKE_BACK = r"
local s = redis.call('HMGET', key, 'u', 'c', 'x')
if s[1] and s[2] ~= ARGV[2] then return {nonce, 'ok', 0} end
if not s[3] then bury(key, ARGV[2], ARGV[3]) end
return {nonce, 'ok', 1}
";
}
