//! How often a token asks for memory.

use crate::support::AUDIENCE;
use crate::support::SECRET;
use crate::support::bearer;
use crate::support::claims;
use crate::support::header;
use crate::support::is_accepted;
use crate::support::parts;
use crate::support::token;
use allocation_counter::measure;
use jsonwebtoken::Algorithm;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::Validation;
use jsonwebtoken::decode;
use request_context::tower::Authenticate;
use serde_json::Map;
use serde_json::Value;

/// The library makes 19, and 12 more for what it is to expect.
#[test]
fn what_a_key_expects_is_not_made_again_for_each_token() {
    let (bearer, token) = (bearer(), token(&header(), &claims(), SECRET));
    is_accepted(&bearer, &token);
    let parts = parts(&format!("Bearer {token}"));
    let ours = measure(|| drop(bearer.authenticate(&parts))).count_total;

    let key = DecodingKey::from_secret(SECRET);
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&[AUDIENCE]);
    let of_library =
        measure(|| drop(decode::<Map<String, Value>>(&token, &key, &validation))).count_total;
    // Three of them are the value that says how the user was authenticated.
    assert!(ours <= of_library + 9, "{ours} are more than 9 over {of_library}");
}
