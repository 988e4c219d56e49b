//! From a finding for review to a leak test, and what the test makes of it.

mod cargo;
mod fields;
mod inputs;
mod parse;
#[expect(clippy::module_inception, reason = "one public noun, one file named after it")]
mod prove;
mod prove_error;
mod request;
mod routes;
mod settings;
mod template;
mod test_file;
mod verdict;
mod way;

pub use prove::Prove;
pub use prove_error::ProveError;
pub use verdict::Verdict;
pub(super) use way::Way;
pub(super) use way::Ways;
