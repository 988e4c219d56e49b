//! The rows of the table, as Markdown.

use super::Measured;
use super::row::Row;

const HEAD: &str = "\
| operation | instructions | allocations | beside | instructions × | time × | to reach | reached |
|---|---:|---:|---|---:|---:|---|---|
";

const LEGEND: &str = "
× is ours divided by what stands beside it, in the same run. Where a row stands for several depths, \
it is the largest of the instructions and the median of the times. Instructions are counted by callgrind and repeat; times are medians of interleaved \
batches, given as ratios only. Plain `--release`; no subscriber, but for the lines of JSON.
";

const DEPTHS: [u32; 5] = [1, 2, 4, 8, 16];

/// As the measuring programs call it, and as the table does.
type Rival = (&'static str, &'static str);

const TOKIO: Rival = ("tokio scope", "tokio's `scope(Arc)`");
const TOKIO_AND_SPAN: Rival =
    ("tokio scope, Instrument", "tokio's `scope` around tracing's `Instrument`");
const PEERS: [Rival; 4] = [
    ("opentelemetry with_context", "opentelemetry's `with_context`"),
    ("sentry bind_hub", "sentry's `bind_hub`"),
    ("fastrace in_span", "fastrace's `in_span`"),
    ("tokio-inherit-task-local scope", "tokio-inherit-task-local's `scope`"),
];

pub fn table(measured: &Measured) -> String {
    let parts = [scopes, reads, tasks, contexts, events, memory];
    let rows = parts.iter().flat_map(|rows| rows(measured));
    let table = rows.fold(HEAD.to_owned(), |table, row| format!("{table}{row}\n"));
    table + LEGEND
}

fn scopes(measured: &Measured) -> Vec<Row> {
    let mut rows = Vec::new();
    for subject in ["scope", "poll"] {
        let explicit = |rival| at_depths(measured, subject, &["scope", "in_context"], rival);
        let carried = |rival| at_depths(measured, subject, &["in_current_context"], rival);
        rows.push(explicit(TOKIO).ratio_at_most(1.02));
        rows.extend(PEERS.map(|peer| explicit(peer).ahead()));
        rows.push(carried(TOKIO_AND_SPAN).ratio_at_most(1.02));
    }
    rows
}

fn reads(measured: &Measured) -> Vec<Row> {
    let pair = |title, ours, beside, rival| pair(measured, title, ours, beside, rival);
    vec![
        pair("`current()`", "read/current", "an `Arc` clone", "read/floor: Arc clone")
            .time_ratio_at_most(1.1),
        pair("`with`", "read/with", "an `Arc` clone", "read/floor: Arc clone, read")
            .time_ratio_at_most(1.1),
        pair("the crate's own read", "read/in_scope", "a user's `KEY.with`", "read/tokio with")
            .time_ratio_at_most(0.8),
    ]
}

fn tasks(measured: &Measured) -> Vec<Row> {
    let pair = |title, ours, beside, rival| pair(measured, title, ours, beside, rival);
    vec![
        pair(
            "`in_current_context`, not polled",
            "carry/in_current_context",
            TOKIO_AND_SPAN.1,
            "carry/tokio scope, Instrument",
        )
        .allocations_at_most(0.0),
        pair(
            "`spawn`, joined one by one",
            "spawn/spawn, one by one",
            "`tokio::spawn`",
            "spawn/bare, one by one",
        )
        .time_ratio_at_most(1.12),
        pair(
            "`spawn`, 64 at once",
            "spawn/spawn, 64 at once",
            "`tokio::spawn`",
            "spawn/bare, 64 at once",
        ),
    ]
}

fn contexts(measured: &Measured) -> Vec<Row> {
    let pair = |title, ours, beside, rival| pair(measured, title, ours, beside, rival);
    vec![
        pair(
            "`RequestContext::new()`, dropped",
            "make/new",
            "by hand: an `Arc` of a `String`",
            "make/by hand: Arc of a String",
        )
        .at_most(420.0)
        .allocations_at_most(1.0),
        pair(
            "with session and user, parsed, dropped",
            "make/session and user",
            "by hand, unchecked: an `Arc` of three `String`s",
            "make/by hand: Arc of three Strings",
        )
        .at_most(650.0)
        .allocations_at_most(2.0),
    ]
}

fn events(measured: &Measured) -> Vec<Row> {
    let count = |operation| measured.instructions(operation);
    let without = "log/untimed, outside a scope";
    let with = "log/untimed, three IDs";
    let mut ids = Row::new("the three IDs on a line of JSON", count(with) - count(without), "");
    ids.allocations = Some(measured.allocations(with) - measured.allocations(without));
    let first = "log/untimed, three IDs, in a context of its own";
    let full = "make/session and user";
    let mut first_ids = Row::new(
        "they, beside that once for each context",
        count(first) - count(with) - count(full),
        "",
    );
    first_ids.allocations = Some(measured.allocations(first) - measured.allocations(full));
    let copy = count("log/floor: copy of a span");
    let first_span = count("log/untimed, 1 span") - count(without) - copy;
    let next_span = (count("log/untimed, 4 spans") - count("log/untimed, 1 span")) / 3.0 - copy;
    vec![
        ids.at_most(1000.0).allocations_at_most(0.0),
        first_ids,
        pair(
            measured,
            "a line of JSON with the three IDs",
            "log/three IDs",
            "tracing-subscriber's `json()`, the IDs on a span",
            "log/tracing-subscriber, three IDs on a span",
        )
        .ratio_at_most(0.2),
        pair(
            measured,
            "a line of JSON in 4 spans",
            "log/4 spans",
            "tracing-subscriber's `json()`",
            "log/tracing-subscriber, 4 spans",
        ),
        Row::new("the first span on a line, but for the copy", first_span, ""),
        Row::new("each further span, but for the copy", next_span, "").at_most(100.0),
    ]
}

fn memory(measured: &Measured) -> Vec<Row> {
    let bytes = |kind: &str, title: &str, ours: &str, (rival, beside): Rival| {
        let bytes = |name: &str| measured.bytes(&format!("{kind}/{name}"));
        Row::new(title, bytes(ours), " bytes").beside(beside, bytes(rival))
    };
    let bare = ("bare", "a plain task");
    vec![
        bytes("bytes", "`InContext<F>`, beyond `F`", "scope", TOKIO).ratio_at_most(1.0),
        bytes("bytes", "`Carried<F>`, beyond `F`", "in_current_context", TOKIO_AND_SPAN),
        bytes("task", "a waiting task, scoped", "scope", bare).ratio_at_most(1.02),
        bytes("task", "a waiting task, carried", "in_current_context", TOKIO_AND_SPAN)
            .ratio_at_most(1.0),
        bytes("task", "a waiting task and its own context", "scope of its own", bare),
    ]
}

/// An operation and its rival.
fn pair(measured: &Measured, title: &str, ours: &str, beside: &str, rival: &str) -> Row {
    let mut row = Row::new(title, measured.instructions(ours), "")
        .beside(beside, measured.instructions(rival));
    row.allocations = Some(measured.allocations(ours));
    row.time_ratio = Some(measured.time_ratio(ours, rival));
    row
}

/// Operations and their rival at each depth, as one row.
fn at_depths(measured: &Measured, subject: &str, ours: &[&str], (rival, beside): Rival) -> Row {
    let what = if subject == "poll" { "one poll" } else { "ready at once" };
    let title = format!("`{}`, {what}, 1 to 16 deep", ours.join("`, `"));
    let depths = DEPTHS.iter().flat_map(|depth| ours.iter().map(move |ours| (depth, ours)));
    let rows: Vec<_> = depths
        .map(|(depth, ours)| {
            let name = |scope: &str| format!("{subject}/{scope} {depth}");
            pair(measured, &title, &name(ours), beside, &name(rival))
        })
        .collect();
    let of_all = |figure: fn(&Row) -> f64| rows.iter().map(figure).fold(0.0, f64::max);
    let mut row = Row::new(&title, rows[0].ours.0, "");
    row.beside = beside.to_owned();
    row.ours.1 = of_all(|row| row.ours.1);
    row.allocations = Some(of_all(|row| row.allocations.unwrap_or_default()));
    row.ratio = Some(of_all(|row| row.ratio.unwrap_or_default()));
    let mut time_ratios: Vec<_> = rows.iter().filter_map(|row| row.time_ratio).collect();
    time_ratios.sort_by(f64::total_cmp);
    row.time_ratio = time_ratios.get(time_ratios.len() / 2).copied();
    row
}
