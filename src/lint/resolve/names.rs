//! What names tell: whose data, and how secret.

/// The words of a name in lower case: `userId`, `user_id` and `UserID` are `user`, `id`.
pub(in crate::lint) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = '_';
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        let next_is_lower = chars.peek().is_some_and(|next| next.is_lowercase());
        let begins =
            c.is_uppercase() && (before.is_lowercase() || before.is_uppercase() && next_is_lower);
        if (begins || !c.is_alphanumeric()) && words.last().is_some_and(|last| !last.is_empty()) {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(last) = words.last_mut()
        {
            last.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a word is in a list.
fn has(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known == word)
}

/// Whether words hold one of `names`, which may be of several words each, in any style.
fn says(said: &[String], names: &[String]) -> bool {
    names.iter().any(|name| {
        let wanted = words(name);
        !wanted.is_empty() && said.windows(wanted.len()).any(|part| part == wanted)
    })
}

/// Words at the end that make a name that of a thing, whatever comes before.
const THINGS: &str = "env host sent agent factory service services repo repository store manager pool client config provider \
     providers settings handler cache map count counts len limit limits url uri path paths \
     builder type kind schema table db storage api endpoint layer registry state tx rx sender \
     receiver ttl timeout usage budget expiry expires error err result status enabled length \
     max min total file name_len field header prefix size index regex mode callback fn stream \
     response request lifetime duration secs seconds issuer audience format method scheme ids \
     at required verified valid exists present dir folder version";

/// Whether a name is that of somebody, or of what somebody may.
pub(in crate::lint) fn is_identity(name: &str, more: &[String]) -> bool {
    const IDENTITIES: &str = "user uid userid tenant org organization organisation account session principal subject \
         caller claims permission permissions role roles owner customer viewer actor identity \
         credential credentials auth authorization login patient policy username member bearer \
         requester";
    const NOT_BEFORE_POLICY: &str =
        "retry cache eviction expiry redirect restart update refresh sync backoff";
    let words = words(name);
    let is_thing = words.last().is_some_and(|last| has(THINGS, last));
    if is_thing || words.iter().any(|word| has(NOT_BEFORE_POLICY, word)) {
        return false;
    }
    words.iter().any(|word| has(IDENTITIES, word)) || says(&words, more)
}

/// Whether a name is that of a credential or of personal data.
pub(in crate::lint) fn is_secret(name: &str) -> bool {
    const SECRETS: &str = "password passwd passphrase pwd secret secrets token apikey credential credentials \
         authorization cookie cookies jwt bearer otp totp email emails phone ssn iban";
    const PAIRS: &[(&str, &str)] = &[
        ("reset", "code"),
        ("verification", "code"),
        ("invite", "code"),
        ("auth", "code"),
        ("authorization", "code"),
        ("user", "code"),
        ("device", "code"),
        ("confirmation", "code"),
        ("api", "key"),
        ("private", "key"),
        ("access", "key"),
        ("secret", "key"),
        ("signing", "key"),
        ("encryption", "key"),
        ("e", "mail"),
        ("mail", "address"),
        ("phone", "number"),
        ("credit", "card"),
        ("date", "birth"),
        ("access", "tokens"),
        ("refresh", "tokens"),
        ("first", "name"),
        ("last", "name"),
        ("real", "name"),
        ("auth", "secret"),
        ("connection", "string"),
    ];
    /// Addresses of stores, with the password in them.
    const ADDRESSES: &[(&str, &str)] =
        &[("database", "url"), ("db", "url"), ("redis", "url"), ("amqp", "url")];
    /// Kinds of token that open nothing.
    const HARMLESS: &str = "cancel cancellation next page prev previous continuation stop eos bos max min num is \
         has total prompt completion input output per use uses pagination shutdown ct sync \
         macro syntax current no missing invalid with hide without unexpected expected parse parsed";
    let words = words(name);
    let has_pair = |pairs: &[(&str, &str)]| {
        words.windows(2).any(|pair| pairs.contains(&(&*pair[0], &*pair[1])))
    };
    // What a header of credentials says is one of them.
    if has_pair(&[("auth", "header"), ("authorization", "header"), ("cookie", "header")])
        && words.last().is_some_and(|last| last == "header")
    {
        return true;
    }
    // Who has the key of PostgreSQL that cancels a query cancels it.
    if has_pair(ADDRESSES) || has_pair(&[("cancel", "key")]) {
        return true;
    }
    // The name of a secret is none; that of a person is.
    if words.last().is_some_and(|last| last == "name") && !has_pair(PAIRS) {
        return false;
    }
    if is_thing(&words) || words.iter().any(|word| has(HARMLESS, word)) {
        return false;
    }
    words.iter().any(|word| has(SECRETS, word)) || has_pair(PAIRS)
}

/// Whether a field's name is that of more than a log may say of a user.
pub(in crate::lint) fn is_personal(name: &str) -> bool {
    const PAIRS: &[(&str, &str)] =
        &[("given", "name"), ("family", "name"), ("password", "hash"), ("password", "salt")];
    let words = words(name);
    let has_pair = |pair: &[String]| PAIRS.contains(&(&*pair[0], &*pair[1]));
    words.windows(2).any(has_pair)
        || words.iter().any(|word| has("birthdate birthday surname", word))
}

/// Whether a name is that of a thing, of a number, or of what tells a thing apart.
fn is_thing(words: &[String]) -> bool {
    words.last().is_some_and(|last| has(THINGS, last) || last == "id" || last == "hash")
}

/// Whether a value that something calls a secret is none, by its own name.
pub(in crate::lint) fn is_about(name: &str) -> bool {
    const ABOUT: &str = "e i n idx key name error reason status code kind id uuid label value_of amount number num is has \
         was found new old left errors violations";
    let words = words(name);
    is_thing(&words)
        || words.last().is_some_and(|last| has(ABOUT, last))
        || words.first().is_some_and(|first| matches!(&**first, "is" | "has" | "no" | "num"))
}

/// Whether a name is that of what a request or an answer says, wherever it is met; not what went wrong.
pub(in crate::lint) fn is_content(name: &str) -> bool {
    let words = words(name);
    words.last().is_some_and(|last| has("payload body", last))
        && !words.iter().any(|word| has("error err", word))
}

/// Whether a name is that of something with many parts, of which some are nobody else's business.
pub(in crate::lint) fn is_whole(name: &str) -> bool {
    let words = words(name);
    has("headers request req claims form user account profile credentials", name)
        || words.last().is_some_and(|last| has("headers request req response res completion", last))
            && words.first().is_some_and(|first| !has("in parsed", first))
}

/// Whether a name, in request code, is that of what a user asks for, or of what was made for them.
pub(in crate::lint) fn is_said(name: &str) -> bool {
    let words = words(name);
    let is_pair = words.windows(2).last().is_some_and(|pair| {
        has("generated user chat", &pair[0]) && has("text query message input", &pair[1])
    });
    let is_one = words.last().is_some_and(|last| {
        has("prompt question transcript utterance completion answer reply generated", last)
    });
    (is_pair || is_one) && !words.iter().any(|word| has("count error", word))
}

/// Whether a name is that of what users and models say to each other, or have tools do.
pub(in crate::lint) fn is_exchanged(name: &str) -> bool {
    const PAIRS: &[(&str, &str)] = &[
        ("tool", "calls"),
        ("tool", "call"),
        ("tool", "args"),
        ("tool", "arguments"),
        ("tool", "input"),
        ("tool", "output"),
        ("tool", "result"),
        ("chat", "messages"),
        ("conversation", "messages"),
        ("model", "output"),
        ("user", "input"),
    ];
    match &*words(name) {
        [one] => has("transcript conversation", one),
        [one, last] => PAIRS.contains(&(one, last)),
        _ => false,
    }
}

/// Whether a name, of a field or in code that talks to models, is that of what is said to them or by them.
pub(in crate::lint) fn is_exchanged_with_models(name: &str) -> bool {
    has("input inputs arguments messages prompt prompts completion output outputs", name)
}

/// Whether the path of a function is one of code that talks to models: one word that has no other meaning, or two.
pub(in crate::lint) fn talks_to_models(item: &str) -> bool {
    const CERTAIN: &str = "llm llms completion completions embed embedding embeddings prompt prompts assistant openai \
         anthropic gemini bedrock ollama mistral claude mcp";
    const OFTEN: &str = "chat gpt inference tool agent";
    let words = words(item);
    let mut often: Vec<_> = words.iter().map(|word| word.trim_end_matches('s')).collect();
    often.retain(|word| has(OFTEN, word));
    often.sort_unstable();
    often.dedup();
    often.len() > 1 || words.iter().any(|word| has(CERTAIN, word))
}

/// Whether a name is that of a type which goes along with a request or a connection.
pub(in crate::lint) fn is_context(name: &str) -> bool {
    words(name).iter().any(|word| has("context ctx session monitoring", word))
}

/// Whether a name is that of what joins the log lines of one request or connection.
pub(in crate::lint) fn is_correlation(name: &str) -> bool {
    let words = words(name);
    match &*words {
        [.., kind, id] if id == "id" => {
            has("request req session trace correlation connection conn span", kind)
        }
        [.., last] => last == "span",
        [] => false,
    }
}

/// Whether a name is that of something which users have or do.
pub(in crate::lint) fn is_user_data(name: &str, more: &[String]) -> bool {
    const DATA: &str = "flow ceremony relay tunnel registration enrollment handoff session user conn connection connected peer socket upload job task chat message msg \
         conversation history histories room player device subscription subscriber tenant \
         account token login auth pending client customer transcript order cart profile \
         permission nonce otp challenge grant workspace document memory memories prompt member \
         participant visitor idempotency invite invitation game lobby order draft thread \
         approval elicitation execution run patient ws websocket notification credential otp \
         answer webhook_event contact friend team org organization identity ticket transfer \
          setting preference bot email verification dashboard approved";
    const PUBLIC: &str = "config configuration regex template schema metric metrics health limiter plugin router \
         route driver codec locale lang language asset icon font version feature flag stats \
         stat counter histogram gauge mime extension ext alias type types model dns resolver \
         cert certs certificate jwks jwk pool pools factory factories symbol interner module \
         error errors builtin keyword opcode syntax parser compiled wasm limit limits ratelimit \
         breaker backend upstream endpoint endpoints provider providers registry_of shader \
         texture latency throttle handler handlers hook hooks migration crate crates repo repos \
         lock locks service services tool tools schedule cron worker workers node nodes shard";
    let words = words(name);
    let singular = |word: &String| word.strip_suffix('s').unwrap_or(word).to_owned();
    if words.iter().any(|word| has(PUBLIC, word) || has(PUBLIC, &singular(word))) {
        return false;
    }
    let singulars: Vec<_> = words.iter().map(singular).collect();
    let is_data = |word: &String| has(DATA, word);
    words.iter().any(is_data)
        || singulars.iter().any(is_data)
        || says(&words, more)
        || says(&singulars, more)
}
