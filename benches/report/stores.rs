//! The tables of the session stores in memory, and of state that knows whose it is.

use super::Measured;
use super::row::count;
use super::row::ratio;

const HEAD: &str = "\
| operation | sessions used | instructions | × dashmap | × tower-sessions | × moka | time × dashmap | time × tower-sessions | time × moka | to reach | reached |
|---|---|---:|---:|---:|---:|---:|---:|---:|---|---|
";

const OPERATIONS: [&str; 4] = ["load", "update", "append", "rotate twice"];

const RIVALS: [&str; 3] = ["dashmap", "tower-sessions", "moka"];

/// Which sessions are used, and of how many.
const USED: [(usize, usize, &str); 5] = [
    (1_000, 1_000, "1 k"),
    (1_000, 100_000, "1 k of 100 k"),
    (100_000, 100_000, "100 k"),
    (1_000, 1_000_000, "1 k of 1 M"),
    (1_000_000, 1_000_000, "1 M"),
];

const LEGEND: &str = "
× is ours divided by the rival's, in the same run. Ours by its own methods; dashmap's load is a `get` \
and a clone of the data, its update an `insert`, its rotation a `remove` and an `insert`; tower-sessions \
appends by loading and saving, 16 items at most. Instructions are counted by callgrind, up to 100 k \
sessions; times are medians of interleaved batches.
";

pub fn table(measured: &Measured) -> String {
    let mut table = HEAD.to_owned();
    for operation in OPERATIONS {
        for (used, all, title) in USED {
            table += &row(measured, operation, &format!("stores, {used} of {all}"), title);
        }
    }
    table += "\n| growth from 1 k to 1 M sessions, 1 k of them used | time × | instructions ×, to 100 k | to reach | reached |\n|---|---:|---:|---|---|\n";
    for operation in OPERATIONS {
        for store in ["ours", "dashmap", "a plain HashMap"] {
            let name = |all| format!("stores, 1000 of {all}/{operation}, {store}");
            let clock = |all| format!("stores, 1000 of {all}/floor: the clock");
            let at = |all| measured.time_ratio(&name(all), &clock(all));
            let grown = at(1_000_000) / at(1_000);
            let counted =
                measured.instructions(&name(100_000)) / measured.instructions(&name(1_000));
            let (goal, reached) = match (store, grown <= 1.5) {
                ("ours", true) => ("≤ 1.5", "yes"),
                ("ours", false) => ("≤ 1.5", "**no**"),
                _ => ("", ""),
            };
            table += &format!(
                "| {operation}, {store} | {} | {} | {goal} | {reached} |\n",
                ratio(grown),
                ratio(counted),
            );
        }
    }
    table += LEGEND;
    table += "\n| what of a store of 100 k | ours | tower-sessions | moka | dashmap |\n|---|---:|---:|---:|---:|\n";
    let stores = ["ours", "tower-sessions", "moka", "dashmap"];
    let mut others = |title: &str, figure: &dyn Fn(&str) -> Option<String>| {
        let cells = stores.map(|store| figure(store).unwrap_or_else(|| "–".to_owned()));
        table += &format!("| {title} | {} |\n", cells.join(" | "));
    };
    let get = |name: String| measured.other(&name);
    others("resident bytes per session", &|store| get(format!("bytes, {store}")).map(count));
    for operation in OPERATIONS {
        for threads in [1, 2] {
            let rate = |store: &str| get(format!("{operation}/s, {threads} threads, {store}"));
            let title = format!("{operation}, a second, {threads} threads, × tower-sessions'");
            others(&title, &|store| Some(ratio(rate(store)? / rate("tower-sessions")?)));
        }
    }
    let expiry = |store: &str| get(format!("expiry, milliseconds, {store}"));
    others("time to remove 100 k that have expired, × dashmap's `retain`", &|store| {
        Some(ratio(expiry(store)? / expiry("dashmap")?))
    });
    others("longest load meanwhile, × dashmap's", &|store| {
        let pause = |store: &str| get(format!("longest pause, {store}"));
        Some(ratio(pause(store)? / pause("dashmap")?))
    });
    others("longest load meanwhile, × the longest without", &|store| {
        let pause = |what: &str| get(format!("longest pause{what}, {store}"));
        Some(ratio(pause("")? / pause(" without")?))
    });
    table + &owned(measured)
}

fn row(measured: &Measured, operation: &str, group: &str, title: &str) -> String {
    let name = |store: &str| format!("{group}/{operation}, {store}");
    let ours = name("ours");
    let instructions = measured.if_counted(&ours);
    let by_instructions = RIVALS.map(|rival| {
        let ratio_of = |rival| Some(ratio(instructions? / measured.if_counted(&name(rival))?));
        ratio_of(rival).unwrap_or_default()
    });
    let times = RIVALS.map(|rival| measured.time_ratio(&ours, &name(rival)));
    let has_limit = matches!(operation, "load" | "update");
    let goal =
        if has_limit { "< tower-sessions', ≤ 2.5 × dashmap's" } else { "< tower-sessions'" };
    let is_reached = times[1] < 1.0 && (!has_limit || times[0] <= 2.5);
    format!(
        "| {operation} | {title} | {} | {} | {} | {goal} | {} |\n",
        instructions.map(count).unwrap_or_default(),
        by_instructions.join(" | "),
        times.map(ratio).join(" | "),
        if is_reached { "yes" } else { "**no**" },
    )
}

fn owned(measured: &Measured) -> String {
    let mut table = "
| one access of 100 k | instructions | time × dashmap `get`, value in an `Arc<Mutex>` | time × dashmap `get`, value copied | to reach | reached |
|---|---:|---:|---:|---|---|
"
    .to_owned();
    for operation in ["PerSession with", "PerUser with", "Owned open"] {
        let name = |operation: &str| format!("owner, 100000 sessions/{operation}");
        let time = |rival| measured.time_ratio(&name(operation), &name(rival));
        let locked = time("dashmap get, its Mutex");
        let reached = if locked <= 2.0 { "yes" } else { "**no**" };
        table += &format!(
            "| `{operation}` | {} | {} | {} | ≤ 2 × | {reached} |\n",
            count(measured.instructions(&name(operation))),
            ratio(locked),
            ratio(time("dashmap get")),
        );
    }
    table
}
