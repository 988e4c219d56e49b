//! The scripts that name several keys: for a server by itself, which has all of them.

use super::script::Script;
use super::scripts::scripts;
use std::sync::LazyLock;

scripts! {
    /// `session`, `index` if the owner has one; ID, owner, idle, absolute, data, write, sessions that
    /// the owner may have, prefix, in a cluster the era and the score: the record.
    CREATE = r"
local index, id, owner, write = KEYS[2], ARGV[2], ARGV[3], ARGV[7]
local there = redis.call('HMGET', key, 'x', 'u', 'm', 'g', 'q')
local s = session(key)
if s and s[MADE] == write then return record(key, s) end
if s or there[3] then return {nonce, 'exists'} end
if there[1] == write or struck(there[5], ARGV[11]) then return {nonce, 'gone'} end
if late(there[4], ARGV[10]) then return {nonce, 'late'} end
local dead, is_full = {}, false
if index then dead, is_full = full(index, owner, tonumber(ARGV[8]), ARGV[9]) end
if is_full then return {nonce, 'full', 'sessions_per_owner'} end
if there[1] or there[2] or there[4] or there[5] then redis.call('UNLINK', key) end
s = make(key, id, owner, tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6], write)
if ARGV[10] then redis.call('HSET', key, 'n', ARGV[10]) end
if index then enter(index, id, s[LAST], dead) end
return record(key, s)
";

    /// `session`, `session` to put in its place, `index` of the owner, `index` of the next owner;
    /// ID, next ID, owner, next owner, idle, absolute, write, sessions that the next owner may have,
    /// prefix, how long to know, whether the next owner has an index: the record.
    ROTATE = r"
local to, index, index_to = KEYS[2], KEYS[3], KEYS[4]
local id, id_to, owner, owner_to, write = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[8]
local s, new = session(key), session(to)
if not s and new and new[MADE] == write then return record(to, new) end
if not s then return {nonce, 'gone'} end
if s[OWNER] ~= owner then return {nonce, 'owner'} end
if new then return {nonce, 'exists'} end
local made, dead, is_full, is_listed = s[MADE], {}, false, ARGV[12] == '1'
if owner == owner_to then
    redis.call('RENAME', key, to)
    redis.call('HSET', to, 'i', id_to, 'c', write)
    s[ID] = id_to
else
    if is_listed then dead, is_full = full(index_to, owner_to, tonumber(ARGV[9]), ARGV[10]) end
    if is_full then return {nonce, 'full', 'sessions_per_owner'} end
    if redis.call('EXISTS', to) == 1 then redis.call('UNLINK', to) end
    s = make(to, id_to, owner_to, tonumber(ARGV[6]), tonumber(ARGV[7]), '', write)
end
bury(key, made, ARGV[11])
if made and owner == owner_to then redis.call('HSET', key, 's', id_to) end
if owner ~= '' then redis.call('ZREM', index, id) end
if is_listed then enter(index_to, id_to, s[LAST], dead) end
return record(to, s)
";

    /// `session`; ID, prefix, how long to know: whether it was there.
    DELETE = r"
local s = session(key)
if not s then return {nonce, 'ok', 0} end
bury(key, s[MADE], ARGV[4])
if s[OWNER] ~= '' then redis.call('ZREM', ARGV[3] .. 'o:{' .. escape(s[OWNER]) .. '}', ARGV[2]) end
return {nonce, 'ok', 1}
";

    /// `index`; owner, ID to leave, prefix, how long to know: the IDs.
    DELETE_ALL = r"
local found = {nonce, 'ok'}
for _, id in ipairs(redis.call('ZRANGE', key, 0, -1)) do
    if id ~= ARGV[3] then
        local at = ARGV[4] .. 's:{' .. escape(id) .. '}'
        local s = session(at)
        if s and s[OWNER] == ARGV[2] then
            bury(at, s[MADE], ARGV[5])
            found[#found + 1] = id
        end
        redis.call('ZREM', key, id)
    end
end
return found
";

    /// `index`; owner, prefix: of each session its ID, its age and the time that is left.
    LIST = r"
local found = {nonce, 'ok'}
for _, id in ipairs(redis.call('ZRANGE', key, 0, -1)) do
    local s = session(ARGV[3] .. 's:{' .. escape(id) .. '}')
    if s and s[OWNER] == ARGV[2] then
        found[#found + 1] = s[ID]
        found[#found + 1] = now - s[BORN]
        found[#found + 1] = s[UNTIL] - now
    end
end
return found
";
}
