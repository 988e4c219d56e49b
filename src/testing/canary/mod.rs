//! Whose data is this? Values that name the session they were planted for.
//!
//! A canary is a value that one session alone sends: where another session sees it, data has
//! leaked, and the canary says whose, and from which field. [`Canaries`] plants them and finds them
//! again; [`CanaryKind`] says what they look like; [`DecodedBody`] undoes a content coding first.
//!
//! # What is found
//! Each canary is found as it was planted, in another case, reversed, in hex, percent-encoded, as a
//! list of bytes, and in base64 of either alphabet at any alignment, thus also inside a larger value
//! that was encoded as a whole, as in a JWT. Half of a token is enough, if it is the first or the
//! last 14 of its 32 characters, and so are the first 20 digits of a UUID and the first four own
//! groups of an address; of an integer or a date, only all of it. A token of another seed is told as
//! such: an earlier run has left it behind.
//!
//! # What is not
//! - A hash or a ciphertext of a canary, and a number in another notation than decimal digits.
//! - A UUID, an address or an integer in binary.
//! - What is encoded twice, or compressed within a body.
//! - A date in another order than year, month, day with hyphens.
//! - The middle of a token, without its first and its last 14 characters.
//!
//! # Cost
//! The text is searched once for the few ways in which a canary may begin; what follows one is looked
//! up. So the time does not depend on the number of sessions, and each canary takes about 130 bytes,
//! see [`Canaries::memory_usage`].

mod body;
mod body_error;
mod canaries;
mod canary_match;
mod derive;
mod encoding;
mod fields;
mod index;
mod kind;
mod marker;
mod search;
mod stream;
mod variant;

pub use body::DecodedBody;
pub use body_error::DecodeError;
pub use canaries::Canaries;
pub use canary_match::CanaryMatch;
pub use fields::CanaryFields;
pub use kind::CanaryKind;
pub use stream::CanaryStream;
pub use variant::Variant;
