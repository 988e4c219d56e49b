//! The tree as a contract: what stands where, who may name whom, who owns which foreign crate.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The files of each module, without `.rs`; what `mod.rs` declares. Modules that are not there yet
/// are skipped as a whole.
const TREE: &[(&str, &str)] = &[
    (
        "context",
        "mod accounted builder census current detach error id/mod id/error id/request id/session id/text \
         id/tenant id/user identity liveness memo reach request_context session_life values",
    ),
    ("scope", "mod body capture carried closure ext held in_context outside schedule span stream"),
    ("spawn", "mod blocking detached detector handle join_set local outside task thread with"),
    (
        "trace",
        "mod fields layer/mod layer/event layer/span layer/style layer/visit line \
         panic_hook span user_digest",
    ),
    (
        "owner",
        "mod error owned owner per_owner per_session per_user registry revocation seal shard shared \
         slot waiting wire",
    ),
    (
        "session",
        "mod backoff change current data error limits list_name listed lives memory/mod \
         memory/account memory/contract memory/create memory/data memory/entry memory/list memory/lists \
         memory/graves memory/looks memory/moment memory/owners memory/rotate memory/store memory/sweeper memory/table memory/updates opened outbox patience record redis/mod redis/builder redis/cluster redis/cluster_index redis/connect_error redis/forward \
         redis/keys redis/link redis/nodes redis/reply redis/script redis/scripts \
         redis/scripts_cluster redis/scripts_single redis/session redis/single redis/store session_error \
         sessions store timeouts token value write_id",
    ),
    (
        "access",
        "mod about access action ask authenticated_by authorize authorizing chain/mod chain/fault chain/head chain/hex chain/key \
         chain/seal chain/verify chain/verify_error deciding encode/mod encode/ecs encode/encoding encode/json \
         encode/ocsf encode/origin encode/record encode/texts encode/utc error event function notice outcome permit permit_error \
         permitted_stream policy/mod policy/attributes policy/cedar policy/cedar_error policy/decide \
         policy/policy policy/question policy/role policy/role_policy policy/roles policy/rule \
         policy/rules policy/verdict \
         purpose rechecking resource sleeper step sink/mod \
         sink/directory sink/file_sink sink/sink sink/start sink/start_error sink/tail trace_id \
         trail/mod trail/alarm trail/batch trail/builder trail/closing trail/error trail/queue \
         trail/recording trail/stats trail/sync_policy trail/trail trail/writer",
    ),
    (
        "testing",
        "mod canary/mod canary/body canary/body_error canary/canaries canary/canary_match \
         canary/derive canary/encoding canary/fields canary/index canary/kind canary/marker \
         canary/search canary/stream canary/variant leak_test/mod leak_test/alone leak_test/any_body \
         leak_test/defaults leak_test/exchange leak_test/fault leak_test/plan leak_test/plant \
         leak_test/program leak_test/remote leak_test/reply leak_test/request_body \
         leak_test/route leak_test/run leak_test/search leak_test/session leak_test/settings \
         leak_test/shrink leak_test/sink_of_reply leak_test/subject leak_test/test \
         leak_test/test_request leak_test/visitor leak_test/web_socket leak_test/wire leak_test/worth report/mod report/coverage \
         report/json report/leak report/matrix \
         report/model report/planted report/progress report/sighting report/story report/text \
         report/vacuous report/words report/html/mod report/html/curve report/html/escaped \
         report/html/marked report/html/matrix report/html/page report/html/style \
         report/html/timeline schedule/mod schedule/board schedule/budget schedule/hold schedule/left_over \
         schedule/mode schedule/point schedule/policy schedule/rng schedule/root \
         schedule/seat schedule/step schedule/trace schedule/turn schedule/watch sinks/mod sinks/capture sinks/observe sinks/observe_outgoing \
         sinks/observe_outgoing_layer sinks/observed_body sinks/observer sinks/of_session \
         sinks/sink sinks/tasks staging/mod staging/layer staging/perturbed store_suite/mod \
         store_suite/cancellation store_suite/deletion store_suite/desk store_suite/fault \
         store_suite/harness store_suite/limits store_suite/lists store_suite/odd \
         store_suite/owners store_suite/records store_suite/report store_suite/rotation \
         store_suite/rotation_race store_suite/rule store_suite/tasks store_suite/times \
         store_suite/updates",
    ),
    (
        "tower",
        "mod authenticate authorization body challenge client/mod client/body client/error \
         client/first_origin client/future client/identity_header client/layer client/origin \
         client/outgoing client/service end_hook extensions future head jwt/mod jwt/bearer jwt/error \
         jwt/header jwt/key layer rejection request_id request_span service session/mod \
         session/body session/cookie session/exchange session/future session/layer session/policy \
         session/refusal session/service session/transport session/websocket sign_in trace_parent",
    ),
    (
        "axum",
        "mod current_session current_user rejection request_context request_id session uncovered ws",
    ),
    (
        "lint",
        "mod baseline check check_error checked clippy extract/mod extract/attributes \
         extract/bind extract/body extract/callers extract/calls extract/comments extract/computed extract/connections extract/file extract/flow \
         extract/guards extract/handed extract/headers extract/held extract/holes extract/items extract/log_macros extract/logs extract/loops extract/macros extract/made extract/mutation extract/origin extract/place extract/root extract/routes extract/spawns extract/types extract/whole extract/wire_names extract/written \
         facts/mod facts/body facts/file facts/item facts/origin facts/span facts/ty finding in_clippy judge level prove/mod \
         prove/cargo prove/fields prove/inputs prove/parse prove/prove prove/prove_error prove/request \
         prove/routes prove/settings prove/template prove/test_file prove/verdict prove/way reading report/mod \
         report/github report/human report/json report/plain report/sarif resolve/mod resolve/along resolve/given resolve/names resolve/places \
         resolve/reach resolve/receivers resolve/request resolve/shape resolve/shared resolve/targets \
         resolve/workspace rules/mod rules/ambiguous_joined_key rules/carried rules/entry_without_owner \
         rules/fan_out rules/found rules/from_client rules/get_insert_misses_identity rules/guard_over_await \
         rules/interpreter_in_thread_local rules/key_from_client_header rules/keyed_user_registry \
         rules/last_value_slot rules/loader_key_misses_identity rules/made_types rules/process_state_in_request \
         rules/raw_task_local rules/rule rules/said rules/secret_in_log rules/shown rules/spawn_loses_context \
         rules/spawning_wrapper rules/static_mut rules/telling rules/texts rules/user_data rules/who_from_header rules/whose settings source/mod source/cache source/calls source/gather \
         source/lexer source/lines source/members source/package source/project source/skeleton source/statement source/words suppress",
    ),
    (
        "bin",
        "cargo-request-context/main cargo-request-context/args cargo-request-context/check \
         cargo-request-context/clippy cargo-request-context/exit_code cargo-request-context/prove cargo-request-context/out cargo-request-context/rules \
         cargo-request-context/trail",
    ),
];

/// Each module, and the modules that it may name.
const MAY_NAME: &[(&str, &str)] = &[
    ("context", ""),
    ("scope", "context"),
    ("spawn", "context scope"),
    ("trace", "context scope"),
    ("owner", "context scope"),
    ("session", "context owner"),
    ("access", "context owner trace"),
    ("tower", "context scope trace owner session access"),
    ("axum", "context scope tower session access"),
    ("testing", "context scope spawn trace owner session tower"),
    ("lint", ""),
    ("bin", "lint access"),
];

/// Each foreign name that has owners, and the places that may name it.
const OWNERS: &[(&str, &str)] = &[
    ("task_local", "context/current.rs"),
    ("http", "tower/ axum/ testing/ scope/body.rs"),
    ("http_body", "tower/ axum/ testing/ scope/body.rs"),
    ("tower_layer", "tower/ axum/ testing/"),
    ("tower_service", "tower/ axum/ testing/"),
    ("axum_core", "axum/"),
    ("tracing", "trace/ scope/ spawn/ access/ tower/ axum/ testing/"),
    ("tracing_subscriber", "trace/ testing/"),
    ("hmac", "trace/ access/chain/"),
    ("cedar_policy", "access/policy/cedar.rs access/policy/attributes.rs"),
    ("clap", "bin/"),
    ("jsonwebtoken", "tower/jwt/"),
    ("redis", "session/redis"),
    ("syn", "lint/extract/"),
    ("annotate_snippets", "lint/report/human.rs"),
    ("ignore", "lint/source/"),
    ("postcard", "lint/source/"),
    ("proc_macro2", "lint/extract/"),
    ("toml", "lint/"),
    ("aho_corasick", "testing/canary/"),
    ("brotli_decompressor", "testing/canary/"),
    ("flate2", "testing/canary/"),
    ("ruzstd", "testing/canary/"),
];

/// Each feature, the file or folder that it brings, and whether it is on by default.
const FEATURES: &[(&str, &str, bool)] = &[
    ("spawn", "spawn", true),
    ("tracing", "trace", true),
    ("tracing-layer", "trace/layer", false),
    ("scope-body", "scope/body.rs", false),
    ("tower", "tower", false),
    ("tower-jwt", "tower/jwt", false),
    ("tower-session", "tower/session", false),
    ("axum", "axum", false),
    ("axum-ws", "axum/ws.rs", false),
    ("owner", "owner", false),
    ("session", "session", false),
    ("session-redis", "session/redis", false),
    ("session-redis-cluster", "session/redis/cluster.rs", false),
    ("access", "access", false),
    ("access-cedar", "access/policy/cedar.rs", false),
    ("lint", "lint", false),
    ("cli", "bin", false),
    ("testing", "testing", false),
];

/// Prose that the scanner prints, a page for each rule: no code.
const PAGES: &str = "lint/rules/pages/";

/// The most lines that a file may have.
const MAX_LINES: usize = 400;

#[derive(Clone)]
struct Project {
    /// The files below `src`, by their path in it.
    sources: BTreeMap<String, String>,
    manifest: String,
    readme: String,
}

impl Project {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut sources = BTreeMap::new();
        read_below(&root.join("src"), "", &mut sources);
        sources.retain(|path, _| !(path.starts_with(PAGES) && path.ends_with(".md")));
        let read = |name: &str| fs::read_to_string(root.join(name)).unwrap();
        Self { sources, manifest: read("Cargo.toml"), readme: read("README.md") }
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (path, text) in &self.sources {
            let mut fault = |what: String| faults.push(format!("src/{path}: {what}"));
            shape_faults(path, text, &mut fault);
            naming_faults(path, &code_of(text), &mut fault);
            owner_faults(path, &code_of(text), &mut fault);
        }
        self.tree_faults(&mut faults);
        self.feature_faults(&mut faults);
        faults
    }

    fn tree_faults(&self, faults: &mut Vec<String>) {
        for path in self.sources.keys() {
            let (module, file) = path.split_once('/').unwrap_or((path, ""));
            match TREE.iter().find(|(name, _)| *name == module) {
                Some((_, files)) => {
                    let file = file.trim_end_matches(".rs");
                    if !files.split_whitespace().any(|known| known == file) {
                        faults.push(format!("src/{path}: is not in the tree"));
                    }
                }
                None if module == "lib.rs" => {}
                None => faults.push(format!("src/{path}: `{module}` is no module of the tree")),
            }
        }
        for (module, files) in TREE {
            let is_there = self.sources.keys().any(|path| path.starts_with(&format!("{module}/")));
            for file in files.split_whitespace().filter(|_| is_there) {
                if !self.sources.contains_key(&format!("{module}/{file}.rs")) {
                    faults.push(format!("src/{module}/{file}.rs: is in the tree but not there"));
                }
            }
        }
    }

    fn feature_faults(&self, faults: &mut Vec<String>) {
        let manifest: toml::Table = self.manifest.parse().unwrap();
        if manifest["lints"]["rust"]["unsafe_code"].as_str() != Some("forbid") {
            faults.push("Cargo.toml: `unsafe_code` is not forbidden".to_owned());
        }
        let features = manifest["features"].as_table().unwrap();
        let default = features["default"].as_array().unwrap();
        for name in features.keys().filter(|name| *name != "default") {
            let Some((_, place, is_default)) = FEATURES.iter().find(|(known, ..)| known == name)
            else {
                faults.push(format!("Cargo.toml: the feature `{name}` is not in the table"));
                continue;
            };
            if !self.sources.keys().any(|path| path.starts_with(place)) {
                faults.push(format!("Cargo.toml: the feature `{name}` brings no `{place}`"));
            }
            if default.iter().any(|on| on.as_str() == Some(name)) != *is_default {
                faults.push(format!("Cargo.toml: `{name}` differs from the table's default"));
            }
            if !self.readme.contains(&format!("\n| `{name}` |")) {
                faults.push(format!("README.md: the feature `{name}` is not in its table"));
            }
        }
        for (name, place, _) in FEATURES {
            if self.sources.keys().any(|path| path.starts_with(place))
                && !features.contains_key(*name)
            {
                faults.push(format!("Cargo.toml: `{place}` is there without `{name}`"));
            }
        }
    }
}

fn read_below(folder: &Path, prefix: &str, sources: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            read_below(&entry.path(), &format!("{path}/"), sources);
        } else {
            sources.insert(path, fs::read_to_string(entry.path()).unwrap());
        }
    }
}

fn shape_faults(path: &str, text: &str, fault: &mut impl FnMut(String)) {
    let lines = text.lines().count();
    if lines > MAX_LINES {
        fault(format!("has {lines} lines, {MAX_LINES} is the most"));
    }
    let opens = if path == "lib.rs" { "#![doc = include_str!" } else { "//! " };
    if !text.starts_with(opens) {
        fault(format!("does not begin with `{opens}`"));
    }
}

fn naming_faults(path: &str, code: &str, fault: &mut impl FnMut(String)) {
    let Some((module, file)) = path.split_once('/') else { return };
    let allowed = MAY_NAME.iter().find(|(name, _)| *name == module).map_or("", |(_, may)| may);
    for named in names_after(code, "crate::") {
        if named.is_empty() {
            fault("imports several things in one `use crate::{…}`".to_owned());
        } else if !MAY_NAME.iter().any(|(name, _)| *name == named) {
            fault(format!("names `crate::{named}`, which is no module"));
        } else if named != module && !allowed.split(' ').any(|name| name == named) {
            fault(format!("may not name `{named}`"));
        }
    }
    // `super` reaches the crate root from a module's own file after one step, and so on below.
    let depth = file.matches('/').count() + usize::from(!file.ends_with("mod.rs"));
    if code.contains(&"super::".repeat(depth + 1)) {
        fault("leaves its module by `super`".to_owned());
    }
}

fn owner_faults(path: &str, code: &str, fault: &mut impl FnMut(String)) {
    for (name, owners) in OWNERS {
        let is_owner = owners.split(' ').any(|owner| path.starts_with(owner));
        let is_named = code.match_indices(name).any(|(at, _)| {
            let before = code[..at].chars().next_back();
            let after = &code[at + name.len()..];
            let starts = !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '"');
            let is_macro = *name == "task_local" && after.starts_with('!');
            is_macro
                || starts && !is_inner(&code[..at]) && after.starts_with("::")
                || starts && code[..at].ends_with("use ") && after.starts_with([';', ' '])
        });
        if is_named && !is_owner {
            fault(format!("names `{name}`, which belongs to {owners}"));
        }
    }
}

/// Whether what follows is a name inside another one, and not that of a crate.
fn is_inner(before: &str) -> bool {
    let outer = before.strip_suffix("::").map(|outer| outer.chars().next_back());
    outer.flatten().is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '>')
}

/// The text without its comments.
fn code_of(text: &str) -> String {
    let code = |line: &str| match line.trim_start() {
        comment if comment.starts_with("//") => String::new(),
        _ => line.split(" // ").next().unwrap_or_default().to_owned(),
    };
    text.lines().map(code).collect::<Vec<_>>().join("\n")
}

/// The word after each `prefix` in `code`.
fn names_after<'a>(code: &'a str, prefix: &str) -> Vec<&'a str> {
    code.split(prefix)
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap())
        .collect()
}

#[test]
fn the_tree_keeps_its_contract() {
    let faults = Project::read().faults();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn no_two_modules_may_name_each_other_also_not_by_way_of_others() {
    // In the order of the table each module names only earlier ones, so there is no cycle; `tower`
    // and `access` are the last of the chain that name most.
    let order = "context scope spawn trace owner session access tower axum testing lint bin";
    let order: Vec<_> = order.split(' ').collect();
    assert_eq!(order.len(), MAY_NAME.len());
    let place = |name: &str| order.iter().position(|other| *other == name).unwrap();
    for (module, named) in MAY_NAME {
        for named in named.split_whitespace() {
            assert!(place(named) < place(module), "{module} may not come to name {named}");
        }
    }
}

#[test]
fn each_planted_fault_is_found() {
    let whole = Project::read();
    let plant = |path: &str, code: &str| {
        let mut project = whole.clone();
        project.sources.entry(path.to_owned()).or_default().push_str(code);
        project.faults()
    };
    let with_manifest = |from: &str, to: &str| {
        assert!(whole.manifest.contains(from), "{from}");
        let manifest = whole.manifest.replacen(from, to, 1);
        Project { manifest, ..whole.clone() }.faults()
    };
    let planted = [
        ("may not name `scope`", plant("context/reach.rs", "use crate::scope::InContext;\n")),
        ("may not name `trace`", plant("spawn/task.rs", "use crate::trace::LogFields;\n")),
        ("several things", plant("scope/ext.rs", "use crate::{context::NoContext};\n")),
        ("is no module", plant("scope/ext.rs", "use crate::RequestContext;\n")),
        ("leaves its module", plant("trace/layer/mod.rs", "use super::super::scope::Carried;\n")),
        ("names `task_local`", plant("scope/ext.rs", "tokio::task_local! { static X: u8; }\n")),
        ("names `http`", plant("scope/stream.rs", "fn f(_: http::Uri) {}\n")),
        ("names `tracing`", plant("context/values.rs", "use tracing::Span;\n")),
        ("names `tracing`", plant("context/values.rs", "fn f(_: ::tracing::Span) {}\n")),
        ("names `redis`", plant("spawn/task.rs", "use redis::Client;\n")),
        ("does not begin with", plant("context/new.rs", "use std::fmt;\n")),
        ("scope/extra.rs: is not in the tree", plant("scope/extra.rs", "//! Extra.\n")),
        ("`util` is no module", plant("util/mod.rs", "//! Util.\n")),
        ("is the most", plant("scope/ext.rs", &"\n".repeat(MAX_LINES))),
        ("`x` is not in the table", with_manifest("spawn = []", "spawn = []\nx = []")),
        ("differs from the table", with_manifest(r#"["spawn", "tracing"]"#, r#"["spawn"]"#)),
        ("is there without `scope-body`", with_manifest("\nscope-body =", "\nspawn-body =")),
        ("is not forbidden", with_manifest(r#"unsafe_code = "forbid""#, r#"unsafe_code = "deny""#)),
        ("scope/held.rs: is in the tree but not there", {
            let mut project = whole.clone();
            project.sources.remove("scope/held.rs");
            project.faults()
        }),
        ("`spawn` is not in its table", {
            let readme = whole.readme.replace("| `spawn` |", "| spawn |");
            Project { readme, ..whole.clone() }.faults()
        }),
    ];
    for (expected, faults) in planted {
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{expected}: {faults:#?}");
    }
}

#[test]
fn a_foreign_name_in_a_comment_or_inside_another_word_is_no_fault() {
    let mut project = Project::read();
    let file = project.sources.get_mut("context/reach.rs").unwrap();
    file.push_str("// use tracing::Span;\nfn my_tracing() {}\nfn f(_: self::http::X) {}\n");
    assert_eq!(project.faults(), Vec::<String>::new());
}
