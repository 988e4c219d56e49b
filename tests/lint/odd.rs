//! Odd input: a note says what was left out, and the rest is read.

use crate::project::Project;
use std::fs;

const FAULT: &str = "static mut COUNT: u64 = 0;\n";

/// Checks a project with a module `odd`, and gives the notes.
fn with_odd(text: impl AsRef<[u8]>) -> Vec<String> {
    let project =
        Project::main("mod odd;\nmod good;\n").file("src/odd.rs", text).file("src/good.rs", FAULT);
    let checked = project.run();
    assert_eq!(crate::project::found(&checked), ["S001 src/good.rs:1"]);
    checked.notes().iter().map(request_context::lint::Note::text).collect()
}

#[test]
fn a_file_that_is_no_rust() {
    let notes = with_odd("fn f() {}\nlet = ;\n");
    assert!(notes[0].starts_with("src/odd.rs:2: cannot be read as Rust"), "{notes:?}");
}

#[test]
fn a_string_or_comment_that_never_ends() {
    for text in [
        "fn f() { \"abc",
        "/* abc",
        "fn f() { r#\"abc\" }",
        "const A: char = '",
        "#[cfg(test)]\nmod a {",
    ] {
        assert_eq!(with_odd(text).len(), 1, "{text}");
    }
}

#[test]
fn a_file_that_is_not_utf_8() {
    let notes = with_odd(b"fn f() {}\n// \xff\n");
    assert!(notes[0].contains("is not UTF-8 (byte 13)"), "{notes:?}");
}

#[test]
fn a_second_name_for_what_holds_another_type_of_its_name() {
    let source = "mod inner {\n    pub struct Chats;\n}\n\
                  type Chats = Arc<Mutex<HashMap<String, inner::Chats>>>;\n\
                  type Shared = Arc<inner::Shared>;\n\
                  static CHATS: LazyLock<Chats> = LazyLock::new(Chats::default);\n\
                  static SHARED: LazyLock<Shared> = LazyLock::new(Shared::default);\n\
                  static JOBS: LazyLock<DashMap<String, Shared>> = LazyLock::new(DashMap::new);\n\
                  async fn job(Path(id): Path<String>) { JOBS.get(&id); }\n\
                  async fn listen(State(app): State<Shared>) { app.clear(); }\n";
    assert!(!Project::main(source).found().is_empty());
}

#[test]
fn brackets_operators_and_chains_that_nest_too_deep() {
    let deep = |open: &str, inner: &str, close: &str, count: usize| {
        format!(
            "fn f() {{ spawn(1); let a = {}{inner}{}; }}\n",
            open.repeat(count),
            close.repeat(count)
        )
    };
    for (what, text) in [
        ("parentheses", deep("(", "1", ")", 100_000)),
        ("blocks", deep("{", "1", "}", 100_000)),
        ("not", deep("!", "true", "", 100_000)),
        ("references", deep("&", "1", "", 100_000)),
        ("sums", deep("1 + ", "1", "", 100_000)),
        ("calls", deep("", "a", ".b()", 100_000)),
        ("closures", deep("|| ", "1", "", 100_000)),
        (
            "else",
            format!("fn f() {{ spawn(1); if a {{ }} {} }}\n", "else if a { } ".repeat(50_000)),
        ),
        ("types", format!("type A = {}u8{};\n", "Box<".repeat(100_000), ">".repeat(100_000))),
        ("pointers", format!("type A = {}u8;\n", "*const ".repeat(100_000))),
    ] {
        let notes = with_odd(&text);
        assert!(notes.iter().any(|note| note.contains("nests too deep")), "{what}: {notes:?}");
    }
}

#[test]
fn what_nests_just_below_the_bounds_is_read() {
    let nested = |open: &str, close: &str, count: usize| {
        format!("fn f() {{ spawn(1); let a = {}1{}; }}\n", open.repeat(count), close.repeat(count))
    };
    for text in [
        nested("(", ")", 190),
        nested("{", "}", 190),
        nested("!", "", 9_000),
        nested("1 + ", "", 9_000),
        nested("&", "", 9_000),
        nested("", ".b()", 2_900),
        nested("|| ", "", 4_000),
        format!("type A = {}u8{};\n", "Box<".repeat(2_000), ">".repeat(2_000)),
    ] {
        assert_eq!(with_odd(&text), Vec::<String>::new(), "{}", &text[..60]);
    }
}

#[test]
fn modules_that_are_their_own_parents() {
    let project = Project::main("mod a;\n").file(
        "src/a.rs",
        format!("#[path = \"a.rs\"]\nmod again;\n#[path = \"main.rs\"]\nmod root;\n{FAULT}"),
    );
    let checked = project.run();
    assert_eq!(crate::project::found(&checked), ["S001 src/a.rs:5"]);
    let notes: Vec<_> = checked.notes().iter().map(request_context::lint::Note::text).collect();
    assert_eq!(notes.len(), 2);
    assert!(notes[0].contains("is a module of itself"), "{notes:?}");
}

#[cfg(unix)]
#[test]
fn links_that_lead_in_a_circle() {
    let project = Project::main("mod a;\n").file("src/a/mod.rs", FAULT);
    std::os::unix::fs::symlink(project.path(), project.path().join("src/a/around")).unwrap();
    std::os::unix::fs::symlink("loop.rs", project.path().join("src/loop.rs")).unwrap();
    assert_eq!(project.found(), ["S001 src/a/mod.rs:1"]);
}

#[cfg(unix)]
#[test]
fn pipes_are_not_waited_for() {
    let project = Project::main(&format!("mod pipe;\n{FAULT}"));
    for path in ["src/pipe.rs", "inner/Cargo.toml"] {
        let path = project.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    }
    let checked = project.run();
    assert_eq!(crate::project::found(&checked), ["S001 src/main.rs:2"]);
    assert!(checked.notes()[0].text().starts_with("src/main.rs:1: this has no file to read"));
}

#[test]
fn a_manifest_that_is_no_toml_and_one_without_a_package() {
    let project = Project::main(FAULT)
        .file("Cargo.toml", "[package]\nname = \"app\"\n[workspace]\nmembers = [\"*\"]\n")
        .file("odd/Cargo.toml", "[package\n")
        .file("empty/Cargo.toml", "");
    let checked = project.run();
    assert_eq!(checked.findings().len(), 1);
    assert!(checked.notes()[0].text().starts_with("odd/Cargo.toml:1: was not read: it is no TOML"));
}

#[test]
fn nothing_to_read_is_an_error_of_its_own() {
    let project = Project::bare();
    assert!(project.check().run().unwrap_err().is_nothing_to_read());
    let absent = request_context::lint::Check::paths([project.path().join("absent")]);
    assert!(absent.run().unwrap_err().is_nothing_to_read());
    fs::write(project.path().join("Cargo.toml"), "[package]\nname = \"app\"\n").unwrap();
    assert!(project.check().run().unwrap_err().is_nothing_to_read());
    fs::write(project.path().join("Cargo.toml"), "[package\n").unwrap();
    let error = project.check().run().unwrap_err();
    assert!(error.is_nothing_to_read());
    assert!(error.to_string().contains(": `Cargo.toml` was not read: it is no TOML"), "{error}");
}

#[test]
fn a_path_that_leads_above_the_root_has_one_name() {
    let above = "../".repeat(40);
    let checked = Project::main(&format!("#[path = \"{above}absent.rs\"] mod a;\n")).run();
    assert!(checked.notes()[0].text().ends_with("`/absent.rs` is not there"), "{checked:?}");
}

#[test]
fn macros_that_cannot_be_read_as_rust_are_passed_over() {
    assert_eq!(
        with_odd(
            "macro_rules! m { ($($a:tt)* ; $b:ident => {}) => { fn $b() { $($a)* } }; () => { ) } }\n"
                .replace(") }", "+ }")
                + "m! { @ # ~ => }\nfn f() { html! { <a href=1/> }; tokio::spawn(x! { ? }); }\n"
        ),
        Vec::<String>::new()
    );
}

#[test]
fn text_that_only_looks_like_code_does_not_mislead() {
    let text = "//! static mut A: u8 = 0;\n/* /* nested */ static mut B: u8 = 0; */\nconst A: &str = \"\\\"static mut\";\n\
                const B: &str = r##\"\"# static mut\"##;\nconst C: char = '\"';\nconst D: char = '\\'';\nfn f<'a>(a: &'a str) \
                -> &'a str { let b = b'\\''; let c = 'a'; a }\nfn r#match(a: [u8; 4]) {}\nconst E: &[u8] = br#\"\"\"#;\n";
    let project = Project::main(&format!("{text}{FAULT}"));
    let checked = project.run();
    assert_eq!(checked.findings().len(), 1, "{}", checked.to_text(false));
    assert!(checked.notes().is_empty());
}

#[test]
fn what_cannot_be_parsed_is_told_at_its_line() {
    for (text, line) in [
        ("fn f() {}\n\nfn g( {}\n", 3),
        ("fn f() {}\n\nfn g()\n", 3),
        ("fn f() {}\nfn g() { tokio::spawn(1) ) }\n", 2),
        ("fn f() {\n    let a = \"\n\n", 2),
        ("fn f() { spawn(1) }\nfn g() {\n    spawn(let) }\n", 3),
        ("/* words */\nfn f() {}\nconst A: u8 = 'ab;\n", 3),
        ("\u{feff}fn f() {}\nlet = ;\n", 2),
        ("#!/usr/bin/env run\nfn f() {}\nlet = ;\n", 3),
    ] {
        let notes = with_odd(text);
        let place = format!("src/odd.rs:{line}: ");
        assert!(notes.iter().any(|note| note.starts_with(&place)), "{text:?}: {notes:?}");
    }
}

#[test]
fn a_byte_order_mark_moves_no_place() {
    let checked = Project::main(&format!("\u{feff}{FAULT}")).run();
    let place = checked.findings()[0].place();
    assert_eq!((place.line(), place.column()), (1, 12));
}

#[test]
fn a_module_without_a_file_is_told_where_it_is_declared() {
    let project = Project::main(
        "fn main() {}\nmod gone;\n#[path = \"a/b.rs\"]\nmod far;\n#[cfg(windows)]\nmod elsewhere;\n\
         #[cfg(feature = \"x\")]\nmod part { mod inside; }\n#[cfg(test)]\nmod tests;\n\
         #[cfg(made)]\ninclude!(\"made.rs\");\n",
    );
    let checked = project.run();
    let notes: Vec<_> = checked.notes().iter().map(request_context::lint::Note::text).collect();
    assert_eq!(
        notes,
        [
            "src/main.rs:2: this has no file to read: neither `gone.rs` nor `gone/mod.rs` is there",
            "src/main.rs:4: this has no file to read: `a/b.rs` is not there",
        ]
    );
}

/// `count` fields of the type that `ty` gives.
fn fields(count: usize, ty: impl Fn(usize) -> String) -> String {
    (0..count).map(|at| format!("f{at}: {}, ", ty(at))).collect()
}

#[test]
fn structs_in_themselves_and_wide_ones_in_a_log() {
    let shown = "fn show(x: &Node) { info!(\"{:?}\", x); }\n";
    let own = |field: &str| {
        let fields = fields(200, |_| field.to_owned());
        format!("struct Node {{ {fields} }}\n{shown}")
    };
    let of_others = {
        let fields = fields(50, |at| {
            format!("Of<({}T)>", "T, ".repeat(at)) + &format!(", g{at}: Vec<Node>")
        });
        format!("struct Of<T> {{ {fields} }}\nstruct Node(Of<u8>);\n{shown}")
    };
    let mut wide = format!("type Node = L0x0;\n{shown}");
    for (level, at) in (0..6).flat_map(|level| (0..40).map(move |at| (level, at))) {
        let fields = fields(40, |at| format!("L{}x{at}", level + 1));
        wide += &format!("struct L{level}x{at} {{ {fields} }}\n");
    }
    let names = "type Node = Arc<Mutex<HashMap<String, inner::Node>>>;\n";
    let held = "type Node = Mutex<inner::Node>;\nstruct In { node: Node }\nfn show_in(x: &In) { info!(\"{:?}\", x); }\n";
    for text in [
        own("Node"),
        own("Vec<Node>"),
        of_others,
        wide,
        format!("{names}{shown}"),
        format!("{held}{shown}"),
    ] {
        assert_eq!(with_odd(&text), Vec::<String>::new());
    }
}

#[test]
fn a_map_of_its_own_in_itself() {
    let maps: String = (0..100)
        .map(|at| {
            let fields = fields(100, |at| format!("M{at}<K, V>"));
            format!("struct M{at}<K, V> {{ {fields} }}\n")
        })
        .collect();
    let used = "static S: Mutex<M0<String, u8>> = new();\n\
                async fn read(State(s): State<M1<String, u8>>) { s.get(1); }\n";
    assert_eq!(with_odd(format!("{maps}{used}")), Vec::<String>::new());
}

#[test]
fn second_names_that_grow() {
    let grown = "type A<T> = B<T, T>;\ntype B<T, U> = C<(T, U), (T, U)>;\n\
                 type C<T, U> = D<(T, U), (T, U)>;\ntype D<T, U> = B<(T, U), (T, U)>;\n\
                 struct P<T, U> { x: Mutex<A<P<(T, U), (T, U)>>>, y: P<P<T, U>, P<T, U>> }\n";
    let of_ten = |name: &str, arg: &str| format!("type {name}<T> = ({});\n", arg.repeat(10));
    let wide = of_ten("A", "A<(T, u8)>, ") + &of_ten("P", "A<P<T>>, ");
    for names in [grown.to_owned(), wide] {
        let used = "static S: LazyLock<Mutex<HashMap<String, A<P<String, u8>>>>> = new();\n\
                    async fn read(State(s): State<P<String, A<P<u8, u8>>>>, Path(id): Path<String>) \
                    { S.lock().unwrap().insert(id, s); info!(\"{:?}\", s); }\n";
        assert_eq!(with_odd(format!("{names}{used}")), Vec::<String>::new());
    }
}

#[test]
fn many_handlers_each_with_a_state_of_its_own() {
    let handlers: String = (0..2_000)
        .map(|at| {
            format!(
                "async fn h{at}(State(state): State<Arc<Mutex<HashMap<K{at}, V{at}>>>>) \
                 {{ state.lock().unwrap().clear(); }}\n"
            )
        })
        .collect();
    assert_eq!(with_odd(handlers), Vec::<String>::new());
}

#[test]
fn wide_types_that_handlers_are_given() {
    let types: String = (0..100)
        .map(|at| {
            let fields = fields(100, |field| format!("T{}", (at + field + 1) % 100));
            format!("struct T{at} {{ {fields} }}\n")
        })
        .collect();
    let handler =
        |at| format!("async fn h{at}(given: Json<T{at}>) {{ info!(\"{{given:?}}\"); }}\n");
    let handlers: String = (0..20).map(handler).collect();
    assert_eq!(with_odd(types + &handlers), Vec::<String>::new());
}

#[test]
fn locals_each_made_of_the_one_before() {
    for made in
        ["iter().map(|x| x).filter(|x| x.is_it()).collect()", "part", "part()", "picked(key)"]
    {
        let locals: String =
            (0..5_000).map(|at| format!("let a{} = a{at}.{made}; ", at + 1)).collect();
        let handler = format!("async fn h(a0: Json<String>) {{ {locals} info!(\"made\"); }}\n");
        assert_eq!(with_odd(handler), Vec::<String>::new());
    }
}

#[test]
fn a_context_that_is_another_name_of_itself() {
    let wide = fields(200, |_| "SessionContext".to_owned());
    let text = format!(
        "type Ctx = std::sync::Arc<Ctx>;\nstruct SessionContext {{ {wide} }}\n\
         // request-context: allow(C001, reason = \"odd\")\n\
         async fn f(Json(b): Json<u8>, ctx: Ctx) {{ tokio::spawn(work(ctx)); }}\n\
         // request-context: allow(C001, reason = \"odd\")\n\
         async fn g(Json(b): Json<u8>, ctx: SessionContext) {{ tokio::spawn(work(ctx)); }}\n"
    );
    assert_eq!(with_odd(text), Vec::<String>::new());
}
