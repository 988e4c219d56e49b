//! The words without which a body holds nothing that a rule could report.

/// What a word of a body tells, one bit each.
pub(super) mod sign {
    /// Alone reason enough to read the body.
    pub(in crate::lint) const KEEP: u16 = 1;
    pub(in crate::lint) const LOG: u16 = 2;
    /// The function is given what a request says.
    pub(in crate::lint) const GIVEN: u16 = 4;
}

/// Whether a body with these signs may hold a finding, or hand on what makes one elsewhere.
pub(super) fn is_of_interest(signs: u16, has_calls: bool) -> bool {
    signs & (sign::KEEP | sign::LOG) != 0 || has_calls && signs & sign::GIVEN != 0
}

/// What `word` tells.
pub(super) fn signs_of(word: &[u8]) -> u16 {
    match word {
        b"static"
        | b"thread_local"
        | b"lazy_static"
        | b"task_local"
        | b"set_var"
        | b"remove_var"
        | b"set_current_dir"
        | b"enter"
        | b"entered"
        | b"attach"
        | b"mark_span_as_active"
        | b"push_scope"
        | b"route"
        | b"routes"
        | b"fallback"
        | b"with_state"
        | b"app_data"
        | b"manage"
        | b"resource"
        | b"at"
        | b"any_of"
        | b"get_service"
        | b"on_upgrade"
        | b"to_async"
        | b"or_insert_with"
        | b"or_insert_with_key"
        | b"or_try_insert_with"
        | b"or_default"
        | b"or_insert"
        | b"store"
        | b"swap"
        | b"send_replace"
        | b"send_modify"
        | b"send_if_modified"
        | b"rcu"
        | b"get_with"
        | b"try_get_with"
        | b"get_with_by_ref"
        | b"try_get_with_by_ref"
        | b"optionally_get_with"
        | b"get_value_or_guard_async"
        | b"fetch_add"
        | b"fetch_max"
        | b"compare_exchange"
        | b"set"
        | b"replace"
        | b"include"
        | b"DefaultHasher"
        | b"macro_rules"
        | b"with_borrow_mut"
        | b"insert"
        | b"put"
        | b"push"
        | b"try_insert"
        | b"insert_async"
        | b"insert_sync"
        | b"cache_set"
        | b"get"
        | b"contains_key"
        | b"get_mut"
        | b"values"
        | b"values_mut"
        | b"entry"
        | b"remove"
        | b"cache_get"
        | b"read_async"
        | b"get_async"
        | b"peek"
        | b"send"
        | b"lock"
        | b"write"
        | b"borrow_mut"
        | b"blocking_lock"
        | b"blocking_write"
        | b"get_or_init"
        | b"to"
        | b"try_get_or_insert"
        | b"insert_with_ttl"
        | b"set_ex"
        | b"push_back"
        | b"into_par_iter"
        | b"install"
        | b"execute_after"
        | b"or_optionally_insert_with"
        | b"block"
        | b"unblock"
        | b"interact"
        | b"loop"
        | b"rayon" => sign::KEEP,
        b"record" => sign::LOG,
        _ if is_log_macro(word) => sign::LOG,
        _ if word.starts_with(b"spawn")
            || word.starts_with(b"get_or_")
            || word.ends_with(b"get_or_set_with")
            || word.starts_with(b"par_")
            || word.starts_with(b"or_insert")
            || word.ends_with(b"_header")
            || word.starts_with(b"header_")
            || word.ends_with(b"CacheKey")
            || is_limit(word)
            || word.windows(5).any(|part| part == b"cache") =>
        {
            sign::KEEP
        }
        _ => 0,
    }
}

/// Whether a macro writes a log line or opens a span.
pub(in crate::lint) fn is_log_macro(name: &[u8]) -> bool {
    matches!(
        name,
        b"trace"
            | b"debug"
            | b"info"
            | b"warn"
            | b"error"
            | b"event"
            | b"span"
            | b"trace_span"
            | b"debug_span"
            | b"info_span"
            | b"warn_span"
            | b"error_span"
            | b"log"
            | b"println"
            | b"eprintln"
            | b"print"
            | b"eprint"
            | b"dbg"
    )
}

/// Whether a name is that of what limits how often somebody may ask, or shuts them out.
pub(in crate::lint) fn is_limit(name: &[u8]) -> bool {
    let is_one = |word: &[u8]| {
        matches!(
            word,
            b"limiter"
                | b"ratelimit"
                | b"ratelimiter"
                | b"throttle"
                | b"throttled"
                | b"throttler"
                | b"ban"
                | b"bans"
                | b"banned"
                | b"blocklist"
                | b"denylist"
                | b"lockout"
        )
    };
    let mut before: &[u8] = b"";
    name.split(|byte| *byte == b'_').any(|word| {
        let is_rate = before == b"rate" && word.starts_with(b"limit");
        before = word;
        is_rate || is_one(word)
    })
}

/// What `word` tells in the signature of a function, among its parameters or after them.
pub(super) fn signs_of_signature(word: &[u8], is_param: bool) -> u16 {
    let is_body = word.ends_with(b"Json")
        || word.ends_with(b"Form")
        || matches!(word, b"Bytes" | b"Multipart" | b"Request" | b"WebSocket" | b"Streaming");
    if word.ends_with(b"cache_key") || word.ends_with(b"CacheKey") {
        sign::KEEP
    } else if is_param && is_body {
        sign::GIVEN
    } else {
        0
    }
}

/// The names that imports give to words of interest, and what these tell: `use tokio::spawn as go`.
pub(super) fn renamed(text: &str) -> Vec<(&[u8], u16)> {
    const AS: &[u8] = b" as ";
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let bytes = text.as_bytes();
    let mut renamed = Vec::new();
    for (at, _) in text.match_indices(" as ") {
        let before = &bytes[..at];
        let word = before.iter().rev().take_while(|byte| is_word(byte)).count();
        let signs = signs_of(&before[at - word..]);
        if signs == 0 || !is_in_import(before) {
            continue;
        }
        let name = &bytes[at + AS.len()..];
        let name = &name[..name.iter().take_while(|byte| is_word(byte)).count()];
        if !name.is_empty() {
            renamed.push((name, signs));
        }
    }
    renamed
}

/// Whether what comes before an `as` is the beginning of a `use`, and no cast.
fn is_in_import(before: &[u8]) -> bool {
    let is_part = |byte: &&u8| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'_' | b':' | b'{' | b'}' | b',' | b'*' | b'#' | b' ' | b'\n' | b'\r' | b'\t'
            )
    };
    let parts = before.iter().rev().take_while(is_part).count();
    let parts = &before[before.len() - parts..];
    parts.windows(4).any(|window| window == b"use ")
}

/// Whether a name may be that of a secret or of personal data; the rule looks closer.
pub(in crate::lint) fn is_secret_word(word: &[u8]) -> bool {
    let is_whole = matches!(word, b"req" | b"user" | b"account" | b"profile" | b"form");
    is_whole || word.len() >= 3 && holds_secret_part(word)
}

/// Whether a name may be that of what somebody says, or is told; the rule looks closer.
pub(in crate::lint) fn is_said_word(word: &[u8]) -> bool {
    const ENDS: &[&[u8]] = &[
        b"response",
        b"prompt",
        b"question",
        b"completion",
        b"transcript",
        b"utterance",
        b"generated_text",
        b"user_message",
        b"user_input",
        b"chat_message",
        b"recipient",
        b"recipients",
        b"answer",
        b"reply",
        b"user_query",
        b"chat_query",
        b"res",
        b"input",
        b"inputs",
        b"output",
        b"outputs",
        b"arguments",
        b"messages",
        b"conversation",
        b"tool_call",
        b"tool_calls",
        b"tool_args",
        b"tool_result",
        b"result",
        b"content",
    ];
    if word == b"to" {
        return true;
    }
    word.first().is_some_and(u8::is_ascii_lowercase)
        && ENDS.iter().any(|end| {
            word.strip_suffix(*end).is_some_and(|rest| rest.is_empty() || rest.ends_with(b"_"))
        })
}

/// Whether a text holds a part of such a name.
fn holds_secret_part(text: &[u8]) -> bool {
    (0..text.len()).any(|at| {
        let rest = &text[at..];
        parts_from(rest[0]).iter().any(|part| {
            rest.get(..part.len()).is_some_and(|start| start.eq_ignore_ascii_case(part))
        })
    })
}

/// Parts of such names, by their first letter.
fn parts_from(first: u8) -> &'static [&'static [u8]] {
    match first.to_ascii_lowercase() {
        b'a' => &[b"auth", b"api_key", b"api-key", b"apikey", b"access_key", b"access key"],
        b'b' => &[b"body"],
        b'c' => &[
            b"credential",
            b"cookie",
            b"claims",
            b"connection_string",
            b"cancel_key",
            b"cancelkey",
        ],
        b'd' => &[b"database_url", b"db_url", b"device_code"],
        b'e' => &[b"email", b"e-mail"],
        b'f' => &[b"first_name"],
        b'h' => &[b"header"],
        b'j' => &[b"jwt"],
        b'l' => &[b"last_name"],
        b'o' => &[b"otp"],
        b'p' => &[b"pass", b"private_key", b"phone", b"payload", b"pwd"],
        b'r' => &[b"request", b"real_name"],
        b's' => &[b"secret", b"ssn", b"signing_key"],
        b't' => &[b"token"],
        b'u' => &[b"user_code"],
        _ => &[],
    }
}
