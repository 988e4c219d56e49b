//! The scripts for a session by itself: each is one operation, of one key.

use super::script::Script;
use std::sync::LazyLock;

macro_rules! scripts {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)*) => {
        $($(#[$doc])* pub(super) static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new($text));)*
    };
}
pub(super) use scripts;

scripts! {
    /// `session`: the record.
    LOAD = r"
local s = session(key)
if not s then return {nonce, 'gone'} end
return record(key, s)
";

    /// `session`: the record, used now.
    TOUCH = r"
local s = session(key)
if not s then return {nonce, 'gone'} end
use(s)
return record(key, s)
";

    /// `session`: the ID of the one that was put in its place for the same owner, or nothing.
    SUCCESSOR = r"
return {nonce, 'ok', redis.call('HGET', key, 's') or nil}
";

    /// `session`, owner, version, data, write, how long and how many writes to know, bytes that there
    /// may be in all.
    UPDATE = r"
local s, answer = owned(ARGV[2])
if not s then return answer end
local version = known('', ARGV[5])
if not version then
    if s[VERSION] ~= ARGV[3] then
        local now_is = record(key, s)
        now_is[2] = 'conflict'
        return now_is
    end
    if #ARGV[4] + (redis.call('HGET', key, 'z') or 0) > tonumber(ARGV[8]) then
        return {nonce, 'full', 'session_bytes'}
    end
    version = tonumber(s[VERSION]) + 1
    local n = text(version)
    redis.call('HSET', key, 'd', ARGV[4], 'v', n, 'w::' .. ARGV[5], n,
        'k::' .. n, ARGV[5] .. text(now))
    forget('', version, tonumber(ARGV[6]), tonumber(ARGV[7]))
end
use(s)
return {nonce, 'ok', s[ID], version, s[UNTIL] - now}
";

    /// `session`, owner, list, item, write, how long and how many writes to know, lists, items
    /// and bytes in all that there may be.
    APPEND = r"
local s, answer = owned(ARGV[2])
if not s then return answer end
local list, write = ARGV[3], ARGV[5]
local position = known(list, write)
if not position then
    local is = redis.call('HMGET', key, 'f:' .. list, 'e:' .. list, 'l', 'z')
    if not is[2] and tonumber(is[3]) >= tonumber(ARGV[8]) then return {nonce, 'full', 'lists'} end
    position = tonumber(is[2] or 0)
    if position - (is[1] or 0) >= tonumber(ARGV[9]) then return {nonce, 'full', 'list_items'} end
    local n, bytes = text(position), (is[4] or 0) + #ARGV[4] + (is[2] and 0 or #list)
    if bytes + redis.call('HSTRLEN', key, 'd') > tonumber(ARGV[10]) then
        return {nonce, 'full', 'session_bytes'}
    end
    redis.call('HSET', key, 'i:' .. list .. ':' .. n, ARGV[4], 'e:' .. list, text(position + 1),
        'z', text(bytes), 'w:' .. list .. ':' .. write, n, 'k:' .. list .. ':' .. n, write .. text(now))
    if not is[2] then redis.call('HINCRBY', key, 'l', 1) end
    forget(list, position, tonumber(ARGV[6]), tonumber(ARGV[7]))
end
use(s)
return {nonce, 'ok', s[ID], position, s[UNTIL] - now}
";

    /// `session`, owner, list, first position, position after the last: ID, owner, first, end,
    /// items.
    RANGE = r"
local s, answer = owned(ARGV[2])
if not s then return answer end
local list = ARGV[3]
local is = redis.call('HMGET', key, 'f:' .. list, 'e:' .. list)
local last = tonumber(is[2] or 0)
local first = math.min(math.max(tonumber(ARGV[4]), tonumber(is[1] or 0)), last)
local after = math.min(tonumber(ARGV[5]), last)
local found = {nonce, 'ok', s[ID], s[OWNER], first, last}
for from = first, after - 1, 1000 do
    local fields = {}
    for n = from, math.min(from + 1000, after) - 1 do
        fields[#fields + 1] = 'i:' .. list .. ':' .. text(n)
    end
    for _, item in ipairs(redis.call('HMGET', key, unpack(fields))) do found[#found + 1] = item end
end
return found
";

    /// `session`, owner, list, position.
    TRIM = r"
local s, answer = owned(ARGV[2])
if not s then return answer end
local list = ARGV[3]
local is = redis.call('HMGET', key, 'f:' .. list, 'e:' .. list)
local first, last = tonumber(is[1] or 0), tonumber(is[2] or 0)
local to, bytes = math.min(tonumber(ARGV[4]), last), 0
for from = first, to - 1, 1000 do
    local fields = {}
    for n = from, math.min(from + 1000, to) - 1 do
        fields[#fields + 1] = 'i:' .. list .. ':' .. text(n)
    end
    for _, item in ipairs(redis.call('HMGET', key, unpack(fields))) do bytes = bytes + #item end
    redis.call('HDEL', key, unpack(fields))
end
if to > first then
    redis.call('HSET', key, 'f:' .. list, text(to))
    if bytes > 0 then redis.call('HINCRBY', key, 'z', text(-bytes)) end
end
use(s)
return {nonce, 'ok', s[ID]}
";
}
