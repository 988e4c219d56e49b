//! Outside a scope every entry point panics at the caller's line, and says what is wrong. In a
//! process of its own, since it sets the panic hook.

use bytes::Bytes;
use futures::stream;
use http_body_util::Empty;
use request_context::ContextBodyExt;
use request_context::ContextExt;
use request_context::ContextStreamExt;
use request_context::HandleExt;
use request_context::JoinSetExt;
use request_context::LocalSetExt;
use request_context::RequestContext;
use request_context::StreamInContext;
use request_context::access;
use request_context::access::Action;
use request_context::access::Outcome;
use request_context::access::Resource;
use request_context::carry;
use request_context::carry_fn;
use request_context::carry_mut;
use request_context::owner::Owned;
use request_context::owner::Owner;
use request_context::owner::PerSession;
use request_context::owner::PerUser;
use request_context::session::MemoryStore;
use request_context::session::Outbox;
use request_context::session::Session;
use request_context::session::Sessions;
use request_context::spawn;
use request_context::spawn_blocking;
use request_context::spawn_detached;
use request_context::spawn_local;
use request_context::spawn_outside;
use request_context::spawn_with;
use request_context::thread;
use request_context::try_spawn;
use request_context::try_spawn_blocking;
use request_context::try_spawn_detached;
use request_context::try_spawn_local;
use std::any::Any;
use std::borrow::Cow;
use std::cell::Cell;
use std::cell::RefCell;
use std::future::pending;
use std::future::ready;
use std::panic;
use std::panic::AssertUnwindSafe;
use std::sync::Once;
use tokio::runtime::Builder;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tokio::task::LocalSet;

struct Chart;

impl Resource for Chart {
    const TYPE: &'static str = "chart";

    fn id(&self) -> Cow<'_, str> {
        "c-7".into()
    }
}

struct Report {
    file: String,
    line: u32,
    message: String,
}

thread_local! {
    static EXPECTING: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Option<Report>> = const { RefCell::new(None) };
}

fn text_of(payload: &dyn Any) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or(payload.downcast_ref::<&str>().copied()).unwrap_or_default().to_owned()
}

/// The report of the panic of `call`; none if it does not panic.
fn report_of(call: impl FnOnce()) -> Option<Report> {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !EXPECTING.get() {
                return before(info);
            }
            let location = info.location().unwrap();
            let report = Report {
                file: location.file().to_owned(),
                line: location.line(),
                message: text_of(info.payload()),
            };
            LAST.set(Some(report));
        }));
    });
    EXPECTING.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(call));
    EXPECTING.set(false);
    result.err()?;
    LAST.take()
}

struct Case<'a> {
    call: &'static str,
    line: u32,
    run: Box<dyn FnOnce() + 'a>,
}

/// What is to panic has no value; `drop` is not for numbers and references.
fn ignore<T>(_: T) {}

/// An expression, and the line that it stands on.
macro_rules! case {
    ($($call:tt)+) => {
        Case { call: stringify!($($call)+), line: line!(), run: Box::new(|| ignore($($call)+)) }
    };
}

/// Runs every case, so that one failure does not hide the next, and returns the messages.
fn expect_panics_here(cases: Vec<Case<'_>>) -> Vec<String> {
    let mut messages = Vec::new();
    let mut faults = Vec::new();
    for Case { call, line, run } in cases {
        match report_of(run) {
            Some(report) if (report.file.as_str(), report.line) == (file!(), line) => {
                messages.push(report.message);
            }
            Some(Report { file, line: other, .. }) => {
                faults.push(format!("{call}: at {file}:{other} instead of {}:{line}", file!()));
            }
            None => faults.push(format!("{call}: no panic")),
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    messages
}

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

#[test]
fn outside_a_scope_each_entry_point_panics_at_the_callers_line_and_says_what_mends_it() {
    let runtime = runtime();
    let handle = runtime.handle();
    let local = LocalSet::new();
    let (mut set, mut blocking, mut locals) = (JoinSet::new(), JoinSet::new(), JoinSet::new());
    let body = Empty::<Bytes>::new();
    let seal = || ada().sync_scope(|| Owned::new(1));
    let (sealed, mut to_change, to_unpack) = (seal(), seal(), seal());

    let messages = expect_panics_here(vec![
        case!(RequestContext::current()),
        case!(RequestContext::with(RequestContext::clone)),
        case!(ContextExt::in_current_context(ready(1))),
        case!(ContextStreamExt::in_current_context(stream::iter([1]))),
        case!(ContextBodyExt::in_current_context(body)),
        case!(carry(|| 1)),
        case!(carry_mut(|()| 1)),
        case!(carry_fn(|()| 1)),
        case!(StreamInContext::carry(stream::iter([1]))),
        case!(spawn(async {})),
        case!(spawn_blocking(|| ())),
        case!(spawn_local(async {})),
        case!(spawn_detached(async {})),
        case!(spawn_with(async {}, |_| -> String { unreachable!("called") })),
        case!(thread::spawn(|| ())),
        case!(set.spawn_in_context(async {})),
        case!(blocking.spawn_blocking_in_context(|| ())),
        case!(locals.spawn_local_in_context(async {})),
        case!(handle.spawn_in_context(async {})),
        case!(handle.spawn_blocking_in_context(|| ())),
        case!(local.spawn_local_in_context(async {})),
        case!(Session::current()),
        case!(Owner::current()),
        case!(Owned::new(1)),
        case!(Owned::for_user(1)),
        case!(Owned::for_session(1)),
        case!(sealed.open()),
        case!(to_change.open_mut()),
        case!(to_unpack.into_inner()),
        case!(PerSession::<u32>::new().with(|_| ())),
        case!(PerUser::<u32>::new().with(|_| ())),
        case!(access::record(Action::Read, &Chart)),
        case!(access::decision(Outcome::Denied, Action::Read, &Chart)),
        case!(access::break_glass(Action::Read, &Chart, "an emergency")),
    ]);

    assert!(set.is_empty() && blocking.is_empty() && locals.is_empty());
    let causes = [
        "`RequestContext`",
        "`tokio::spawn`",
        "stream",
        "body",
        "polled",
        "thread",
        "pool",
        "channel",
    ];
    let remedies = [
        "request_context::spawn`",
        "`request_context::spawn_blocking`",
        "`.in_current_context()`",
        "`request_context::carry`",
        "`.in_context(",
        "scope(",
        "`request_context::spawn_outside`",
        "`RequestContext::try_current`",
    ];
    for message in messages {
        for word in causes.iter().chain(&remedies) {
            assert!(message.contains(word), "{word} is missing in {message:?}");
        }
    }
}

fn user_of(name: &str) -> Owner {
    Owner::user(name.parse().unwrap())
}

fn ada() -> RequestContext {
    RequestContext::builder().user("ada".parse().unwrap()).build()
}

/// Each message has the words of its cause and of what mends it.
fn expect_words(messages: &[String], words: &[[&str; 2]]) {
    assert_eq!(messages.len(), words.len());
    for (message, words) in messages.iter().zip(words) {
        for word in words {
            assert!(message.contains(word), "{word} is missing in {message:?}");
        }
    }
}

#[test]
fn what_belongs_to_somebody_panics_at_the_callers_line_where_that_is_nobody_or_somebody_else() {
    let nobodys = RequestContext::new().sync_scope(|| {
        expect_panics_here(vec![
            case!(Session::current()),
            case!(Owned::new(1)),
            case!(Owned::sealed_for(Owner::nobody(), 1)),
            case!(Owned::for_user(1)),
            case!(Owned::for_session(1)),
            case!(PerSession::<u32>::new().with(|_| ())),
            case!(PerUser::<u32>::new().with(|_| ())),
        ])
    });
    let layer = ["no `Session`", "put the session layer around"];
    let missing = ["lacks who", "authenticate the request or start a session"];
    let nobody = ["neither a user nor a session", missing[1]];
    expect_words(&nobodys, &[layer, nobody, nobody, missing, missing, missing, missing]);

    let seal = || ada().sync_scope(|| Owned::new(1));
    let (sealed, mut to_change, to_unpack) = (seal(), seal(), seal());
    let bob = RequestContext::builder().user("bob".parse().unwrap()).build();
    let others = bob.sync_scope(|| {
        expect_panics_here(vec![
            case!(sealed.open()),
            case!(to_change.open_mut()),
            case!(to_unpack.into_inner()),
        ])
    });
    expect_words(&others, &[["somebody else", "look for the place that mixed the two up"]; 3]);
}

#[test]
fn what_belongs_to_a_session_that_is_over_panics_at_the_callers_line() {
    let runtime = runtime();
    let sessions = Sessions::new(MemoryStore::default());
    let context = runtime.block_on(async {
        let (_, opened) = sessions.create(&user_of("ada")).await.unwrap();
        let outbox = Outbox::new();
        sessions.enter(&RequestContext::new(), Some(opened), &outbox).unwrap()
    });
    let seal = || context.clone().sync_scope(|| Owned::new(1));
    let (sealed, mut to_change, to_unpack) = (seal(), seal(), seal());
    runtime.block_on(context.clone().scope(async {
        Session::current().log_out().await.unwrap();
    }));
    let messages = context.sync_scope(|| {
        expect_panics_here(vec![
            case!(Owned::new(1)),
            case!(sealed.open()),
            case!(to_change.open_mut()),
            case!(to_unpack.into_inner()),
            case!(PerSession::<u32>::new().with(|_| ())),
        ])
    });
    expect_words(&messages, &[["is over", "begin a new one"]; 5]);
}

#[test]
fn inside_a_scope_none_of_them_panics() {
    let runtime = runtime();
    let _entered = runtime.enter();
    let local = LocalSet::new();
    let _entered_local = local.enter();
    RequestContext::new().sync_scope(|| {
        let silent = report_of(|| {
            RequestContext::with(|_| carry(|| carry_fn(|()| ())(()))());
            drop(spawn_with(ready(1).in_current_context(), spawn));
            drop((spawn(async {}), spawn_blocking(|| ()), spawn_local(async {})));
            drop((spawn_detached(async {}), thread::spawn(|| ())));
        });
        assert!(silent.is_none());
    });
}

#[test]
fn without_a_runtime_tokio_blames_the_callers_line() {
    let (mut set, mut blocking, mut locals) = (JoinSet::new(), JoinSet::new(), JoinSet::new());
    let (mut try_set, mut try_blocking, mut try_locals) =
        (JoinSet::new(), JoinSet::new(), JoinSet::new());
    let messages = RequestContext::new().sync_scope(|| {
        expect_panics_here(vec![
            case!(spawn(pending::<()>())),
            case!(spawn_blocking(|| ())),
            case!(spawn_local(pending::<()>())),
            case!(spawn_detached(pending::<()>())),
            case!(spawn_outside(pending::<()>())),
            case!(try_spawn(pending::<()>())),
            case!(try_spawn_blocking(|| ())),
            case!(try_spawn_local(pending::<()>())),
            case!(try_spawn_detached(pending::<()>())),
            case!(set.spawn_in_context(pending::<()>())),
            case!(blocking.spawn_blocking_in_context(|| ())),
            case!(locals.spawn_local_in_context(pending::<()>())),
            case!(try_set.try_spawn_in_context(pending::<()>())),
            case!(try_blocking.try_spawn_blocking_in_context(|| ())),
            case!(try_locals.try_spawn_local_in_context(pending::<()>())),
        ])
    });
    for message in messages {
        let of_tokio = ["no reactor running", "outside of a `task::LocalSet`"];
        assert!(of_tokio.iter().any(|text| message.contains(text)), "{message:?}");
    }
}
