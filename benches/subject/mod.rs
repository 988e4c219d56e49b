//! What is measured: one file per subject, ours and the baselines side by side.

#[cfg(feature = "access")]
mod access;
mod carry;
#[cfg(feature = "http")]
mod http;
mod log;
mod make;
#[cfg(feature = "owner")]
mod owner;
mod poll;
mod read;
mod scope;
mod spawn;
#[cfg(feature = "stores")]
mod stores;

use request_context_benches::op::Meter;

/// A subject gives its operations to the meter.
type Subject = fn(&mut dyn Meter);

const SUBJECTS: &[(&str, Subject)] = &[
    ("read", read::measure),
    ("scope", scope::measure),
    ("poll", poll::measure),
    ("carry", carry::measure),
    ("spawn", spawn::measure),
    ("make", make::measure),
    ("log", log::measure),
    #[cfg(feature = "access")]
    ("access", access::measure),
    #[cfg(feature = "owner")]
    ("owner", owner::measure),
    #[cfg(feature = "stores")]
    ("stores 1000", |meter| stores::measure(meter, 1_000)),
    #[cfg(feature = "stores")]
    ("stores 100000", |meter| stores::measure(meter, 100_000)),
    #[cfg(feature = "stores")]
    ("stores 1000000", |meter| stores::measure(meter, 1_000_000)),
    #[cfg(feature = "http")]
    (http::NAME, http::measure),
];

/// Measures the subject that the first argument names; all of them if it names none.
pub fn measure(meter: &mut dyn Meter) {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let is_known = SUBJECTS.iter().any(|(name, _)| *name == wanted);
    for (name, measure) in SUBJECTS {
        if *name == wanted || !is_known {
            measure(meter);
        }
    }
}
