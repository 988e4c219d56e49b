//! What is written, and why it is not: nothing is built here.

use crate::package::Package;
use std::fs;
use std::process::Command;

const APP: &str = "app = \"app::router\"";

/// A map by ID that two handlers use, with what is needed for that.
fn server(items: &str) -> String {
    format!(
        "struct Note {{ text: String }}\n\
         static NOTES: LazyLock<Mutex<HashMap<String, Note>>> = LazyLock::new(Mutex::default);\n{items}"
    )
}

const READER: &str = "async fn note(Path(id): Path<String>) -> Option<String> {\n    \
                      NOTES.lock().unwrap().get(&id).map(|note| note.text.clone())\n}\n";

fn writer(takes: &str) -> String {
    format!(
        "async fn keep(Path(id): Path<String>, {takes}) {{ NOTES.lock().unwrap().insert(id, note); }}\n"
    )
}

const ROUTER: &str =
    "pub fn router() -> Router { Router::new().route(\"/notes/{id}\", get(note).put(keep)) }\n";

fn whole(takes: &str) -> String {
    server(&[READER, &writer(takes), ROUTER].concat())
}

#[test]
fn a_request_has_what_the_handler_takes() {
    let prove =
        format!("{APP}\nparams = {{ id = \"a b/{{run}}\", count = 3, flag = \"{{run}}\" }}");
    for (name, takes, sent) in [
        (
            "json",
            "Json(note): Json<Note>",
            r#".json(format!("{{\"text\":\"{}\"}}", me.canary("text")))"#,
        ),
        ("valid", "Valid(Json(note)): Valid<Json<Note>>", r#".json(format!("{{\"text\":"#),
        (
            "open",
            "Json(note): Json<Value>",
            r#"\"count\":3,\"flag\":\"{run}\",\"id\":\"a b/{run}\",\"text\":\"{}\","#,
        ),
        ("form", "Form(note): Form<Note>", r#".form(format!("text={}", me.canary("text")))"#),
        ("whole", "note: String", r#".body(format!("{}", me.canary("text")))"#),
        (
            "numbers",
            "Json(note): Json<Counted>",
            r#".json(format!("{{\"count\":3,\"flag\":{run},\"name\":\"{}\"}}""#,
        ),
        ("query", "Query(note): Query<Note>", r#"a%20b%2F{run}?text={}", me.canary("text")))"#),
    ] {
        let counted = "struct Counted { count: u32, flag: u64, name: String, more: Option<u8> }\n";
        let source = whole(takes) + counted;
        let tests = Package::library(&format!("takes_{name}"), &prove, &source).tests();
        assert!(tests.contains("TestRequest::put(&format!(\"/notes/a%20b%2F{run}"), "{tests}");
        assert!(
            tests.contains("|_, run| TestRequest::get(&format!(\"/notes/a%20b%2F{run}\")),"),
            "{tests}"
        );
        assert!(tests.contains(sent), "{sent}\n{tests}");
        assert!(tests.contains("        app::router()\n"), "{tests}");
    }
}

#[test]
fn a_route_is_followed_through_the_routers_that_it_is_in() {
    let prove = format!("{APP}\nparams = {{ id = \"1\" }}");
    let inner = "Router::new().route(\"/notes/{id}\", get(note).put(keep))";
    let function = format!("fn notes() -> Router {{ {inner} }}\n");
    for (name, router, path) in [
        (
            "inline",
            format!("Router::new().nest(\"/a\", Router::new().nest(\"/b\", {inner}))"),
            "/a/b/notes/1",
        ),
        (
            "variable",
            format!("let inner = {inner}; Router::new().nest(\"/a\", inner)"),
            "/a/notes/1",
        ),
        (
            "merged",
            format!("let inner = {inner}; Router::new().nest(\"/a\", Router::new().merge(inner))"),
            "/a/notes/1",
        ),
        (
            "assigned",
            format!("let mut all = Router::new(); all = all.merge({inner}); all"),
            "/notes/1",
        ),
        (
            "function",
            "Router::new().nest(\"/a\", self::notes().with_state(()))".to_owned(),
            "/a/notes/1",
        ),
        (
            "layered",
            "Router::new().route(\"/l/{id}\", get(note.layer(a())).put_service(keep.layer(b()).with_state(())))"
                .to_owned(),
            "/l/1",
        ),
    ] {
        let function = if name == "function" { &*function } else { "" };
        let router = format!("pub fn router() -> Router {{ {router} }}\n");
        let source =
            server(&[READER, &writer("Json(note): Json<Note>"), function, &router].concat());
        let tests = Package::library(&format!("route_{name}"), &prove, &source).tests();
        assert!(tests.contains(&format!("TestRequest::put(\"{path}\")")), "{name}: {tests}");
    }
}

#[test]
fn a_route_leads_also_to_what_its_handler_calls_in_another_file() {
    let prove = format!("{APP}\nparams = {{ id = \"1\" }}");
    let state = server(
        "pub fn all(id: &str) -> Option<String> {\n    NOTES.lock().unwrap().get(id).map(|note| note.text.clone())\n}\n\
         pub fn keep(id: String, note: Note) { NOTES.lock().unwrap().insert(id, note); }\n",
    );
    let handlers = "use crate::state;\npub async fn read(Path(id): Path<String>) -> Option<String> { state::all(&id) }\n\
                    pub async fn write(Path(id): Path<String>, Json(note): Json<Note>) { state::keep(id, note) }\n";
    let source = "mod state;\nmod handlers;\npub fn router() -> Router {\n    Router::new()\n        \
                  .route(\"/n/{id}\", axum::routing::get(handlers::read).post(handlers::write))\n}\n";
    let package = Package::library("calls", &prove, source)
        .file("src/state.rs", &state.replace("NOTES", "MESSAGES"));
    let tests = package.file("src/handlers.rs", handlers).tests();
    assert!(tests.contains("written by `POST /n/{id}`, read by `GET /n/{id}`"), "{tests}");
}

#[test]
fn routes_that_need_no_sample_are_tried_where_the_likeliest_do() {
    let source = "type Notes = Arc<RwLock<HashMap<u64, Note>>>;\nstruct Note { text: String }\n\
        async fn change(State(notes): State<Notes>, Path(id): Path<u64>) -> Option<String> {\n    \
            let note = notes.read().unwrap().get(&id).cloned()?;\n    \
            notes.write().unwrap().insert(id, note);\n    None\n}\n\
        async fn add(State(notes): State<Notes>, Json(note): Json<Note>) { notes.write().unwrap().insert(1, note); }\n\
        async fn all(State(notes): State<Notes>) -> Vec<String> {\n    \
            let notes = notes.read().unwrap();\n    notes.values().map(|note| note.text.clone()).collect()\n}\n\
        pub fn router() -> Router {\n    Router::new().route(\"/notes/{id}\", patch(change))\n        \
            .route(\"/notes\", get(all).post(add)).with_state(Notes::default())\n}\n";
    let tests = Package::library("no_sample", APP, source).tests();
    assert!(tests.contains("written by `POST /notes`, read by `GET /notes`"), "{tests}");
}

#[test]
fn a_test_signs_in_and_holds_by_a_point_as_the_package_says() {
    let prove = "app = \"app::router().await\"\nparams = { id = \"1\" }\nheaders = { authorization = \"Bearer {user}\", \
                 x-number = \"{number}\", x-team = \"blue\" }\nlogin = \"POST /login\"\n\
                 login-json = '{\"name\": \"u{run}\"}'\npoints = { \"app::NOTES\" = \"kept\" }";
    let tests = Package::library("signs_in", prove, &whole("Json(note): Json<Note>")).tests();
    for part in [
        ".header(\"authorization\", &format!(\"Bearer {}\", me.canary(\"user\")))",
        ".header(\"x-number\", &format!(\"{}\", me.number()))",
        ".header(\"x-team\", \"blue\")",
        "TestRequest::post(\"/login\").json(format!(\"{{\\\"name\\\": \\\"u{run}\\\"}}\"))",
        "        \"kept\",\n",
        "at_once(async { app::router().await })",
        ".seeds(0..20).hold(1, 0, written)",
        ".seeds(20..200)",
    ] {
        assert!(tests.contains(part), "{part}\n{tests}");
    }
}

/// Each of serde's cases, and what else of its attributes says how a field is sent.
#[test]
fn a_field_is_sent_by_the_name_that_serde_gives_it() {
    let prove = format!("{APP}\nparams = {{ id = \"1\", at_seq = 7 }}");
    let of = |attributes: &str, case: &str| {
        let takes = whole("Json(note): Json<Sent>");
        let sent = format!(
            "{attributes} struct Sent {{ #[serde(rename = \"ID\")] id: String, note_text: String, at_seq: u32,\n\
             #[serde(default)] count: u8, #[serde(skip)] seen: u8,\n\
             #[serde(deserialize_with = \"a::b\", alias = \"x\", rename(serialize = \"no\", deserialize = \"last\"))] z: String }}\n"
        );
        Package::library(&format!("serde_{case}"), &prove, &(takes + &sent)).tests()
    };
    for (case, text, seq) in [
        ("camelCase", "noteText", "atSeq"),
        ("PascalCase", "NoteText", "AtSeq"),
        ("kebab-case", "note-text", "at-seq"),
        ("SCREAMING_SNAKE_CASE", "NOTE_TEXT", "AT_SEQ"),
        ("snake_case", "note_text", "at_seq"),
    ] {
        let tests = of(&format!("#[derive(Deserialize)] #[serde(rename_all = \"{case}\")]"), case);
        let sent = format!(
            r#"{{{{\"ID\":\"1\",\"{text}\":\"{{}}\",\"{seq}\":7,\"last\":\"{{}}\"}}}}", me.canary("note_text"), me.canary("z")"#
        );
        assert!(tests.contains(&sent), "{sent}\n{tests}");
    }
    let one_way = "#[serde(rename_all(serialize = \"UPPERCASE\", deserialize = \"camelCase\"))]";
    assert!(of(one_way, "one_way").contains("noteText"));
}

#[test]
fn what_a_test_would_have_to_guess_is_not_guessed() {
    let id = format!("{APP}\nparams = {{ id = \"1\" }}");
    let json = whole("Json(note): Json<Note>");
    let counted = whole("Json(note): Json<Counted>") + "struct Counted { count: u32 }\n";
    let by_body = server(
        "async fn note(Json(id): Json<ById>) -> Option<String> { NOTES.lock().unwrap().get(&id.id).cloned() }\n\
         struct ById { key: String }\n\
         pub fn router() -> Router { Router::new().route(\"/notes/{id}\", get(note).put(keep)) }\n",
    ) + &writer("Json(note): Json<Note>");
    for (name, prove, source, why) in [
        ("no_app", "", &*json, "no `prove.app`"),
        (
            "no_sample",
            APP,
            &json,
            "the path of `PUT /notes/{id}`, which leads to `keep`, needs `id`: give a sample",
        ),
        (
            "no_number",
            &id,
            &counted,
            "the request of `PUT /notes/{id}`, which leads to `keep`, needs `count`, a `u32`",
        ),
        (
            "no_key",
            &id,
            &by_body,
            "the request of `GET /notes/{id}`, which leads to `note`, needs `key`: give",
        ),
        ("multipart", &id, &whole("note: Multipart"), "`keep` takes a multipart body"),
        ("socket", &id, &whole("note: WebSocketUpgrade"), "`keep` opens a WebSocket"),
    ] {
        let whys = Package::library(&format!("guess_{name}"), prove, source).why_not();
        let expected = format!("not reachable by a test: {why}");
        assert!(whys.iter().any(|found| found.starts_with(&expected)), "{name}: {whys:?}");
    }
}

#[test]
fn a_package_without_a_library_and_a_fan_out_have_no_test() {
    let binary =
        Package::new("binary").manifest(APP, "").file("src/main.rs", &whole("note: String"));
    assert_eq!(
        binary.why_not(),
        ["not reachable by a test: its package has no library, which alone a test can use"]
    );
    let fan_out = "struct App { events: tokio::sync::broadcast::Sender<Event> }\n\
                   async fn listen(State(app): State<App>) { app.events.subscribe(); }\n";
    let whys = Package::library("fan_out", APP, fan_out).why_not();
    assert!(whys[0].contains("who listens has to be there before the message"), "{whys:?}");
}

#[test]
fn a_package_without_the_kit_is_told_what_to_add() {
    let prove = format!("{APP}\nparams = {{ id = \"1\" }}");
    let source = whole("note: String");
    let kits = ["", "[dev-dependencies]\nrequest-context = \"0.1\"\n"];
    for (at, kit) in kits.into_iter().enumerate() {
        let package = Package::new(&format!("no_kit_{at}")).manifest(&prove, kit);
        let error = package.file("src/lib.rs", &source).prove().run().unwrap_err();
        assert!(error.is_settings(), "{error}");
        assert!(
            error.to_string().ends_with("`cargo add --dev request-context --features testing`"),
            "{error}"
        );
    }
}

#[test]
fn a_file_of_somebody_else_is_not_overwritten() {
    let prove = format!("{APP}\nparams = {{ id = \"1\" }}");
    let package = Package::library("foreign", &prove, &whole("note: String"));
    let package = package.file("tests/request_context_leaks.rs", "// mine\n");
    let error = package.prove().run().unwrap_err();
    assert!(!error.is_settings() && !error.is_cargo(), "{error}");
    assert!(error.to_string().contains("is not overwritten"), "{error}");
    assert_eq!(package.read("tests/request_context_leaks.rs"), "// mine\n");
    let own = package.file("tests/request_context_leaks.rs", "");
    let path = own.path().join("tests/request_context_leaks.rs");
    fs::remove_file(&path).unwrap();
    let written = own.tests();
    let older = written.replace("first", "1st");
    assert_eq!(own.file("tests/request_context_leaks.rs", &older).tests(), written, "its own");
}

#[test]
fn its_own_file_is_known_with_other_ends_of_lines_and_is_left_as_it_is_where_nothing_is_new() {
    let prove = format!("{APP}\nparams = {{ id = \"1\" }}");
    let package = Package::library("line_ends", &prove, &whole("note: String"));
    let written = package.tests();
    let in_windows = written.replace('\n', "\r\n");
    let package = package.file("tests/request_context_leaks.rs", &in_windows);
    assert_eq!(package.tests(), in_windows);
    let older = in_windows.replace("first", "1st");
    let package = package.file("tests/request_context_leaks.rs", &older);
    assert_eq!(package.tests(), written);
    let folder = fs::read_dir(package.path().join("tests")).unwrap();
    assert_eq!(folder.count(), 1, "nothing else is left there");
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_the_file_is_replaced_and_not_followed() {
    let prove = format!("{APP}\nparams = {{ id = \"1\" }}");
    let package =
        Package::library("link", &prove, &whole("note: String")).file("tests/kept", "kept\n");
    let elsewhere = package.path().join("elsewhere");
    let path = package.path().join("tests/request_context_leaks.rs");
    std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
    package.tests();
    assert!(!elsewhere.exists() && !path.is_symlink());
}

#[test]
fn what_a_path_says_stays_in_the_comment_and_in_the_string() {
    let prove = format!("{APP}\nparams = {{ id = \"1\" }}");
    let source = whole("note: String");
    let path = r#""/a\"b\n#[test] fn evil() {}\u{1b}\u{202e}/{id}""#;
    let source = source.replace("\"/notes/{id}\"", path);
    let tests = Package::library("injection", &prove, &source).tests();
    assert!(!tests.contains("\n#[test] fn evil"), "{tests}");
    assert!(tests.contains(r#"TestRequest::put("/a\"b\n#[test] fn evil() {}\u{1b}\u{202e}/1")"#));
    assert!(!tests.contains(['\u{1b}', '\u{202e}']), "{tests}");
}

/// Nothing is built for minutes before a line of a manifest is missed.
#[test]
fn what_is_wrong_with_one_package_is_told_before_another_is_written_or_built() {
    let prove = format!("{APP}\nparams = {{ id = \"1\" }}");
    let member = "[package]\nname = \"b\"\nedition = \"2024\"\n\
                  [package.metadata.request-context.prove]\napp = \"b::router\"\nparams = { id = \"1\" }\n";
    let package = Package::library("members", &prove, &whole("note: String"))
        .file("b/Cargo.toml", member)
        .file("b/src/lib.rs", &whole("note: String").replace("NOTES", "MESSAGES"));
    let manifest =
        package.read("Cargo.toml").replace("[workspace]", "[workspace]\nmembers = [\"b\"]");
    let package = package.file("Cargo.toml", &manifest);
    let error = package.prove().run().unwrap_err();
    assert!(error.is_settings() && error.to_string().contains("b/Cargo.toml"), "{error}");
    assert!(!package.path().join("tests").exists());
}

#[test]
fn settings_that_are_wrong_are_told() {
    for (at, (prove, what)) in [
        ("x = 1", "`x` is no setting"),
        ("app = 1", "`app` is not a string"),
        ("params = [1]", "`params` is not a table of strings, numbers and booleans"),
        ("headers = { a = 1 }", "`headers` is not a table of strings"),
        ("login = \"GET /login\"", "`login` is none of the form `POST /path`"),
    ]
    .into_iter()
    .enumerate()
    {
        let package = Package::library(&format!("wrong_{at}"), prove, &whole("note: String"));
        let error = package.prove().run().unwrap_err();
        assert!(error.is_settings() && error.to_string().ends_with(what), "{error}");
    }
}

#[test]
fn the_exit_status_tells_what_has_to_be_mended_from_what_failed() {
    let prove = format!("{APP}\nparams = {{ id = \"1\" }}");
    let source = whole("note: String");
    let status = |package: &Package, args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-request-context"));
        command.args(["request-context", "check"]).args(args).current_dir(package.path());
        let out = command.output().unwrap();
        let (code, text) = (out.status.code().unwrap(), [out.stdout, out.stderr].concat());
        (code, String::from_utf8(text).unwrap())
    };
    let proving = ["--prove", "--offline"];
    let kit = Package::new("exit_kit").manifest(&prove, "").file("src/lib.rs", &source);
    let (code, err) = status(&kit, &proving);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("error: `") && err.contains("--features testing"), "{err}");
    let whole = Package::library("exit_build", &prove, &source);
    for (args, expected) in [(&["--format", "sarif"][..], 1), (&["--deny", "review"], 11), (&[], 1)]
    {
        let (code, text) = status(&whole, &[&proving, args].concat());
        assert_eq!(code, expected, "{args:?}: {text}");
        assert_eq!(text.contains("\"executionSuccessful\": false"), args.contains(&"sarif"));
        // What was found is told all the same.
        assert!(text.contains("S004") && text.contains("the leak tests cannot be built"), "{text}");
    }
    assert!(status(&whole, &proving).1.contains("error: 1 of the leak tests were not built"));
    let foreign = whole.file("tests/request_context_leaks.rs", "// mine\n");
    assert_eq!(status(&foreign, &proving).0, 1);
    assert_eq!(status(&foreign, &["--prove-seeds", "5"]).0, 2);
    assert_eq!(status(&foreign, &["--prove", "--update-baseline"]).0, 2);
    // Without the flag it is a review like others, and nothing is written or run.
    assert_eq!(status(&kit, &["--deny", "review"]).0, 11);
    assert!(!kit.path().join("tests").exists() && !kit.path().join("target").exists());
}

#[test]
fn a_test_stands_in_the_package_of_the_handlers_where_the_state_is_in_another_one() {
    let state = server(
        "pub fn all(id: &str) -> Option<String> {\n    NOTES.lock().unwrap().get(id).map(|note| note.text.clone())\n}\n\
         pub fn keep(id: String, note: Note) { NOTES.lock().unwrap().insert(id, note); }\n",
    );
    let handlers = "use store::all;\nuse store::keep;\n\
                    async fn read(Path(id): Path<String>) -> Option<String> { all(&id) }\n\
                    async fn write(Path(id): Path<String>, note: String) { keep(id, note.into()) }\n\
                    pub fn router() -> Router { Router::new().route(\"/n/{id}\", get(read).put(write)) }\n";
    let prove = format!("{APP}\nparams = {{ id = \"1\" }}");
    let package = Package::library("two_packages", &prove, handlers)
        .file("store/Cargo.toml", "[package]\nname = \"store\"\nedition = \"2024\"\n")
        .file("store/src/lib.rs", &state.replace("NOTES", "MESSAGES"));
    let manifest = package.read("Cargo.toml");
    let manifest = format!("{manifest}[dependencies]\nstore = {{ path = \"store\" }}\n");
    let tests = package.file("Cargo.toml", &manifest).tests();
    assert!(
        tests
            .contains("S004 of `store::MESSAGES`: written by `PUT /n/{id}`, read by `GET /n/{id}`"),
        "{tests}"
    );
}
