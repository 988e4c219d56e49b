//! A script that Redis runs, and what each begins with.

use redis::Cmd;

/// A script. A server that does not know it yet is given its text in the same call.
#[derive(Debug)]
pub(super) struct Script {
    text: String,
    hash: String,
}

/// One argument of a script.
#[derive(Clone, Copy, Debug)]
pub(super) enum Arg<'a> {
    Bytes(&'a [u8]),
    Number(u64),
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Bytes(text.as_bytes())
    }
}

impl Script {
    pub(super) fn new(text: &str) -> Self {
        let text = format!("{COMMON}{text}");
        let hash = redis::Script::new(&text).get_hash().to_owned();
        Self { text, hash }
    }

    /// The call of the script by its hash.
    pub(super) fn by_hash(&self, keys: &[&[u8]], nonce: u64, args: &[Arg<'_>]) -> Cmd {
        command("EVALSHA", &self.hash, keys, nonce, args)
    }

    /// The call of the script by its text, which also makes its hash known.
    pub(super) fn by_text(&self, keys: &[&[u8]], nonce: u64, args: &[Arg<'_>]) -> Cmd {
        command("EVAL", &self.text, keys, nonce, args)
    }
}

fn command(name: &str, script: &str, keys: &[&[u8]], nonce: u64, args: &[Arg<'_>]) -> Cmd {
    let mut command = redis::cmd(name);
    command.arg(script).arg(keys.len());
    for key in keys {
        command.arg(*key);
    }
    command.arg(nonce);
    for arg in args {
        match arg {
            Arg::Bytes(bytes) => command.arg(*bytes),
            Arg::Number(number) => command.arg(*number),
        };
    }
    command
}

/// For how long a write is known by its ID, so that a retry of it happens once: two minutes; the
/// latest of each list, and of the data, for as long as the session.
pub(super) const KNOWN_FOR_MS: u64 = 120_000;

/// The writes that are known by their IDs, of each list and of the data, at most.
pub(super) const KNOWN_AT_MOST: u64 = 4096;

/// A session is one hash:
///
/// | field | holds |
/// |---|---|
/// | `i` `o` `v` `d` | ID, owner, version, data |
/// | `b` `a` `u` `t` | made at, absolute deadline, deadline, idle time: milliseconds of the server's clock |
/// | `c` | the write that made it |
/// | `l` `z` | how many lists it has, and the bytes of their names and items |
/// | `f:LIST` `e:LIST` | position of the first item, position after the last |
/// | `i:LIST:N` | the item at position N |
/// | `w:LIST:WRITE` | the position, or for the list of no name the version, that the write gave |
/// | `k:LIST:N` | the write that gave N, and when |
/// | `p:LIST` | the lowest N of which the write is known |
/// | `m` | in a cluster: the write of the rotation that is taking it to another slot |
/// | `n` | in a cluster: the era of the owner in which it was entered into the index |
/// | `r` | beside `m`: the session that this rotation makes |
/// | `x` | without `u`: a session is deleted, and this is the write that had made it |
/// | `g` | in a cluster, without `u`: what was entered before this era may not come any more |
/// | `q` | in a cluster, without `u`: nor what was entered with this score or a lower one |
/// | `s` | beside `x`: the session that a rotation has put in its place for the same owner |
/// | `y` | beside `x`, in a cluster: the rotation that took it to another slot |
/// | `h` | beside `x` and `o`, in a cluster: the rotation that was about to, and the session that it makes |
///
/// A hash without `u`, or with `m`, is no session. Redis removes the key a second after `u`; it is
/// each script that compares.
///
/// A script that only frees makes its first write one that Redis allows when it is out of memory;
/// all others make it one that Redis then refuses, and none has written anything before.
const COMMON: &str = r"
local key, nonce = KEYS[1], ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ID, OWNER, VERSION, BORN, LAST, UNTIL, IDLE, MOVING, MADE = 1, 2, 3, 4, 5, 6, 7, 8, 9

local function text(number) return string.format('%.0f', number) end

local function escape(tag)
    return (string.gsub(tag, '[%%{}]', {['%']='%25', ['{']='%7B', ['}']='%7D'}))
end

local function session(at)
    local s = redis.call('HMGET', at, 'i', 'o', 'v', 'b', 'a', 'u', 't', 'm', 'c')
    if s[UNTIL] and not s[MOVING] and tonumber(s[UNTIL]) > now then return s end
end

local function record(at, s)
    local data = redis.call('HGET', at, 'd')
    return {nonce, 'ok', s[ID], s[OWNER], s[VERSION], data, now - s[BORN], s[UNTIL] - now}
end

-- The session of the call, if it is this owner's; else what to answer.
local function owned(owner)
    local s = session(key)
    if not s then return nil, {nonce, 'gone'} end
    if s[OWNER] ~= owner then return nil, {nonce, 'owner'} end
    return s
end

-- A second late, so that no key ends under a script that has just found it there.
local function expire(at, deadline) redis.call('PEXPIREAT', at, text(deadline + 1000)) end

-- PEXPIREAT first: what only lengthens a life is allowed when memory is short.
local function use(s)
    local deadline = text(math.min(now + s[IDLE], tonumber(s[LAST])))
    if deadline ~= s[UNTIL] then
        expire(key, deadline)
        redis.call('HSET', key, 'u', deadline)
        s[UNTIL] = deadline
    end
end

local function known(list, write)
    local n = redis.call('HGET', key, 'w:' .. list .. ':' .. write)
    return n and tonumber(n)
end

-- Forgets a few of the writes before the one that gave `n`, if they are old or many.
local function forget(list, n, keep_for, keep_most)
    local before = redis.call('HGET', key, 'p:' .. list)
    local oldest = tonumber(before or n)
    for _ = 1, 4 do
        if oldest >= n then break end
        local field = 'k:' .. list .. ':' .. text(oldest)
        local known = redis.call('HGET', key, field)
        if known then
            if n - oldest < keep_most and now - tonumber(known:sub(17)) < keep_for then break end
            redis.call('HDEL', key, field, 'w:' .. list .. ':' .. known:sub(1, 16))
        end
        oldest = oldest + 1
    end
    if text(oldest) ~= before then redis.call('HSET', key, 'p:' .. list, text(oldest)) end
end

-- What is deleted leaves for a while which write had made it, so that a retry does not do so again.
local function bury(at, made, keep_for)
    redis.call('UNLINK', at)
    if made then
        redis.call('HSET', at, 'x', made)
        redis.call('PEXPIRE', at, keep_for)
    end
end

-- Whether what was entered in this era comes after all was deleted.
local function late(began, era) return began and tonumber(began) > tonumber(era) end

-- Whether what was entered with this score has been struck since, or is about to be.
local function struck(highest, score) return highest and tonumber(highest) >= tonumber(score) end

local function make(at, id, owner, idle, absolute, data, write)
    local last, deadline = text(now + absolute), text(now + math.min(idle, absolute))
    redis.call('HSET', at, 'i', id, 'o', owner, 'v', '1', 'd', data, 'b', text(now), 'a', last,
        'u', deadline, 't', text(idle), 'c', write, 'l', '0')
    expire(at, deadline)
    return {id, owner, '1', text(now), last, deadline, text(idle), false, write}
end

-- Whether an owner has as many sessions as there may be; and those of the index that are none any
-- longer, which are looked for only when it seems so.
local function full(index, owner, limit, prefix)
    local dead, live = {}, 0
    if redis.call('ZCOUNT', index, '(' .. text(now), '+inf') < limit then return dead, false end
    for _, id in ipairs(redis.call('ZRANGE', index, 0, -1)) do
        local s = session(prefix .. 's:{' .. escape(id) .. '}')
        if s and s[OWNER] == owner then live = live + 1 else dead[#dead + 1] = id end
    end
    return dead, live >= limit
end

-- The index lives as long as the last of its sessions may.
local function enter(index, id, last, dead)
    redis.call('ZADD', index, last, id)
    for _, gone in ipairs(dead) do redis.call('ZREM', index, gone) end
    redis.call('ZREMRANGEBYSCORE', index, '-inf', text(now))
    local latest = redis.call('ZREVRANGE', index, 0, 0, 'WITHSCORES')
    redis.call('PEXPIREAT', index, text(tonumber(latest[2])))
end
";
