//! Bearer tokens that are signed JWTs, checked strictly.
//!
//! [`JwtBearer`] authenticates by the token in the `Authorization` header (RFC 6750). Of what RFC 8725
//! and OWASP ASVS 5.0 (9.1, 9.2) ask for, this cannot be left out:
//!
//! - each key has **one algorithm**, and the token's `alg` must be that one;
//! - a key that is not one of its algorithm, or too short for it, is refused when it is configured;
//! - keys are the configured ones, chosen by `kid`; `jku`, `jwk`, `x5u` and `x5c` in the header are
//!   never followed, and a header with `crit`, whatever its value, is rejected;
//! - `exp`, `nbf`, `iss` and `aud` must be there and hold, with at most 60 seconds of leeway;
//! - `typ` must be the expected one, so that no other kind of token passes for an access token. By
//!   default it is `JWT`, which most issuers write, also into the ID tokens of OpenID Connect; where
//!   the issuer can, use [`at+jwt`](JwtBearer::token_type) (RFC 9068).
//!
//! To rotate a key, configure the new one beside the old under another `kid`, sign with the new one,
//! and take the old one away when the last token signed with it has expired.

mod bearer;
mod error;
mod header;
mod key;

pub use bearer::JwtBearer;
pub use error::JwtConfigError;
