//! The table of one request through axum: what each layer adds to a layer that does nothing.

use super::Measured;
use super::row::count;
use super::row::ratio;

const HEAD: &str = "\
| around the router | instructions | allocations | time × bare | instructions added | allocations added | added × | to reach | reached |
|---|---:|---:|---:|---:|---:|---|---|---|
";

const LEGEND: &str = "
One request with a bearer token through axum in process, the layer around the whole router, no \
subscriber: built, answered and dropped. *Added* is over a layer that does nothing; *added ×* is \
ours divided by the rival that the goal names. Instructions are counted by callgrind; times are \
medians of interleaved batches, given as ratios only.
";

/// As the measuring programs call it, and as the table does.
type Title = (&'static str, &'static str);

const RIVALS: [Title; 9] = [
    ("bare", "nothing: the bare router"),
    ("no-op", "a layer that does nothing"),
    (REQUEST_ID, "tower-http `SetRequestId`, `PropagateRequestId`"),
    (THREE, "they and `TraceLayer`"),
    ("from_fn", "axum's documented `from_fn` and `task_local!`: the user, in scope"),
    ("sentry", "a fresh sentry hub with the request ID, by hand"),
    ("opentelemetry", "opentelemetry's `with_context`, of the request ID, by hand"),
    ("floor", "request ID, scope, echo by hand, with the promises of ours: the floor ²"),
    ("floor, everything", "everything by hand, with the promises of ours: the floor ²"),
];

const REQUEST_ID: &str = "request ID";
const THREE: &str = "request ID, trace";
const OURS: &str = "ours";
const EVERYTHING: &str = "ours, everything";

/// What is added to which operation of the same request.
struct Added<'a> {
    measured: &'a Measured,
    subject: &'static str,
    variant: &'static str,
}

impl Added<'_> {
    fn name(&self, operation: &str) -> String {
        format!("{}/{operation}{}", self.subject, self.variant)
    }

    fn instructions(&self, operation: &str) -> f64 {
        let count = |operation| self.measured.instructions(&self.name(operation));
        count(operation) - count("no-op")
    }

    fn allocations(&self, operation: &str) -> f64 {
        let count = |operation| self.measured.allocations(&self.name(operation));
        count(operation) - count("no-op")
    }

    fn row(&self, operation: &str, title: &str, times: &str, goal: &str, reached: &str) -> String {
        let name = self.name(operation);
        format!(
            "| {title} | {} | {} | {} | {} | {} | {times} | {goal} | {reached} |\n",
            count(self.measured.instructions(&name)),
            count(self.measured.allocations(&name)),
            ratio(self.measured.time_ratio(&name, &self.name("bare"))),
            count(self.instructions(operation)),
            count(self.allocations(operation)),
        )
    }

    /// Ours, beside a rival that it is to be cheaper than.
    fn ours(
        &self,
        title: &str,
        (operation, rival): (&str, &str),
        limits: (f64, Option<f64>),
    ) -> String {
        let (limit, allocations) = limits;
        let times = self.instructions(operation) / self.instructions(rival);
        let is_reached =
            times <= limit && allocations.is_none_or(|limit| self.allocations(operation) <= limit);
        let reached = if is_reached { "yes" } else { "**no**" };
        let which =
            if rival == THREE { "the three of tower-http" } else { "the two of tower-http" };
        let mut goal = format!("≤ {limit} × {which}");
        if let Some(limit) = allocations {
            goal += &format!(", ≤ {limit} allocations");
        }
        self.row(operation, title, &ratio(times), &goal, reached)
    }
}

pub fn table(measured: &Measured) -> String {
    let added = |subject, variant| Added { measured, subject, variant };
    let of = added("http", "");
    let mut table = HEAD.to_owned();
    for (operation, title) in RIVALS {
        table += &of.row(operation, title, "", "", "");
    }
    let sessions = added("sessions", "");
    table += &sessions.row("tower-sessions", "tower-sessions, unused ¹", "", "", "");
    let (two, three) = ((0.4, Some(3.0)), (0.6, None));
    let title = "**ours**: request ID, scope, echo";
    table += &of.ours(title, (OURS, REQUEST_ID), two);
    let title =
        "**ours with everything**: request ID, authentication, scope, span, body, echo, hook";
    table += &of.ours(title, (EVERYTHING, THREE), three);
    let bare_of_any = added("http", ", no headers");
    let title = "**ours**: request ID, scope, echo; a request without any header";
    table += &bare_of_any.ours(title, (OURS, REQUEST_ID), two);
    let title = "**ours with everything** ¹";
    table += &sessions.ours(title, (EVERYTHING, THREE), three);
    let read = added("http", ", body read");
    let body = |operation| count(read.instructions(operation) - of.instructions(operation));
    let least = |floor, rival, goal: f64| {
        let (floor, rival) = (of.instructions(floor), of.instructions(rival));
        let (goal, ratio) = (count(goal * rival), ratio(floor / rival));
        format!("{} ({ratio} of the rival; the goal is {goal})", count(floor))
    };
    table
        + LEGEND
        + &format!(
            "To read the body, of one frame, adds {} instructions to ours and {} to ours with \
             everything, beyond what it adds to a layer that does nothing; {} to the three of \
             tower-http.\n\n¹ Built with tracing's feature `log`, which tower-sessions turns on, and \
             axum by default.\n\n² Fixed by hand: the ID in the record, in the request's extensions \
             and in the response's header; the call, the future and the body with its drop in scope; \
             no configuration and no sign-in later. The least that was written, {} with request ID, \
             scope and echo, {} with authentication, span and hook besides. To be read in \
             `benches/edge/floor.rs` and `floor_with_everything.rs`.\n",
            body(OURS),
            body(EVERYTHING),
            body(THREE),
            least("floor", REQUEST_ID, two.0),
            least("floor, everything", THREE, three.0),
        )
}
