//! State behind aliases, newtypes, fields and macros.

use crate::project::codes;

/// Whether a static of this type, with this name, is reported for review.
fn is_registry(declarations: &str) -> bool {
    codes(declarations).iter().any(|code| code == "S003")
}

#[test]
fn maps_of_what_users_have() {
    for text in [
        "static SESSIONS: Mutex<HashMap<String, Session>> = Mutex::new(HashMap::new());",
        "static SESSIONS: OnceLock<Arc<tokio::sync::RwLock<BTreeMap<u64, Session>>>> = OnceLock::new();",
        "static SESSIONS: LazyLock<moka::future::Cache<String, Arc<Session>>> = LazyLock::new(make);",
        "type Map<V> = DashMap<String, V>; static SESSIONS: LazyLock<Map<Session>> = LazyLock::new(make);",
        "type A = B; type B = Mutex<HashMap<String, Session>>; static S: LazyLock<A> = LazyLock::new(make);",
        "struct Store(DashMap<String, Session>); static STORE: LazyLock<Store> = LazyLock::new(make);",
        "struct Outer { inner: Arc<Inner> } struct Inner { a: u8, sessions: DashMap<String, Data> } \
         static OUTER: LazyLock<Outer> = LazyLock::new(make);",
        "lazy_static::lazy_static! { static ref SESSIONS: Mutex<HashMap<String, Data>> = Mutex::default(); }",
        "fn f() { lazy_static! { static ref SESSIONS: DashMap<String, Data> = DashMap::new(); } }",
        "thread_local! { static SESSIONS: RefCell<HashMap<String, Session>> = RefCell::default(); }",
        "cfg_if! { if #[cfg(unix)] { } } mod a { static SESSIONS: Lazy<DashMap<String, Data>> = Lazy::new(make); }",
        "#[cached]\nfn profile(user_id: u64) -> Profile { load(user_id) }",
        "enum Store { Memory(Memory) } struct Memory { users: DashMap<String, User> } \
         #[get(\"/\")] fn f(store: &State<Store>) {}",
    ] {
        assert!(is_registry(text), "{text}");
    }
}

#[test]
fn maps_that_are_written_once_or_hold_nothing_of_users() {
    for text in [
        "static SESSIONS: LazyLock<HashMap<String, Session>> = LazyLock::new(make);",
        "static SESSIONS: LazyLock<DashMap<String, u64>> = LazyLock::new(make);",
        "static SESSIONS: LazyLock<DashMap<String, Instant>> = LazyLock::new(make);",
        "static SESSION_SCHEMAS: LazyLock<DashMap<String, Schema>> = LazyLock::new(make);",
        "static TEMPLATES: LazyLock<DashMap<String, Template>> = LazyLock::new(make);",
        "struct Local { sessions: DashMap<String, Session> } fn f(local: Local) {}",
        "fn f() { let sessions: DashMap<String, Session> = DashMap::new(); }",
        "static SESSIONS: LazyLock<Mutex<Vec<u8>>> = LazyLock::new(make);",
        "static SESSIONS: PerSession<Session> = PerSession::new();",
    ] {
        assert!(!is_registry(text), "{text}");
    }
}

#[test]
fn entries_that_only_their_credential_leads_to() {
    let text = "static SESSIONS: LazyLock<DashMap<String, Session>> = LazyLock::new(make);\n\
                fn find(access_token: &str) { SESSIONS.get(access_token); }\n";
    assert!(is_registry(text));
    let set = "static SESSIONS: LazyLock<Mutex<HashSet<Session>>> = LazyLock::new(make);\n\
               fn find(access_token: &str) { SESSIONS.lock().unwrap().contains(access_token); }\n";
    assert!(!is_registry(set));
    assert!(is_registry(&format!(
        "{set}fn other(name: &str) {{ SESSIONS.lock().unwrap().contains(name); }}\n"
    )));
}

#[test]
fn a_slot_counts_where_request_code_writes_what_is_somebodys() {
    let slot = |write: &str| {
        let text = format!(
            "static CURRENT: Mutex<Option<String>> = Mutex::new(None);\n\
             async fn f(Json(user): Json<String>, Json(size): Json<u64>) {{ {write} }}\n"
        );
        codes(&text).contains(&"S002".to_owned())
    };
    assert!(slot("*CURRENT.lock().unwrap() = Some(user);"));
    assert!(slot("let mut guard = CURRENT.lock().unwrap(); *guard = Some(user.clone());"));
    assert!(slot("let name = user.to_uppercase(); CURRENT.lock().unwrap().replace(name);"));
    assert!(slot("if let Ok(mut guard) = CURRENT.lock() { *guard = Some(user); }"));
    assert!(!slot("*CURRENT.lock().unwrap() = None;"));
    assert!(!slot("*CURRENT.lock().unwrap() = Some(size.to_string());"));
    assert!(!slot("let current = Mutex::new(None); *current.lock().unwrap() = Some(user);"));
}
