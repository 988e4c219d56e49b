//! Which keys may be configured.

use crate::support::AUDIENCE;
use crate::support::ISSUER;
use crate::support::bearer;
use jsonwebtoken::Algorithm;
use jsonwebtoken::DecodingKey;
use request_context::tower::jwt::JwtBearer;
use request_context::tower::jwt::JwtConfigError;
use std::time::Duration;

const HMAC: [(Algorithm, usize); 3] =
    [(Algorithm::HS256, 32), (Algorithm::HS384, 48), (Algorithm::HS512, 64)];

const RSA: [Algorithm; 6] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

/// The base points of the curves, which are points as good as any.
const P256: (&str, &str) =
    ("axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY", "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU");
const P384: (&str, &str) = (
    "qofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3",
    "NhfeSpYmLG9dnpi_kpLcKfj0Hb0omhR86doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f",
);

fn configure(algorithm: Algorithm, key: DecodingKey) -> Result<JwtBearer, JwtConfigError> {
    JwtBearer::new(ISSUER, AUDIENCE).key("one", algorithm, key)
}

#[track_caller]
fn refusal(algorithm: Algorithm, key: DecodingKey) -> JwtConfigError {
    configure(algorithm, key).expect_err(&format!("{algorithm:?}"))
}

/// Public keys of each family that are of no use to the others, with what they are for.
fn families() -> [(DecodingKey, &'static [Algorithm]); 4] {
    let ec = DecodingKey::from_ec_components(P256.0, P256.1).unwrap();
    [
        (
            DecodingKey::from_secret(&[7; 64]),
            &[Algorithm::HS256, Algorithm::HS384, Algorithm::HS512],
        ),
        (DecodingKey::from_rsa_raw_components(&[0xFF; 256], &[1, 0, 1]), &RSA),
        (ec, &[Algorithm::ES256, Algorithm::ES384]),
        (DecodingKey::from_ed_der(&ed25519()), &[Algorithm::EdDSA]),
    ]
}

/// The base point of the curve.
fn ed25519() -> [u8; 32] {
    let mut point = [0x66; 32];
    point[0] = 0x58;
    point
}

#[test]
fn a_key_of_another_family_is_refused() {
    for (index, (key, of_family)) in families().into_iter().enumerate() {
        for (other, (_, algorithms)) in families().into_iter().enumerate() {
            for algorithm in algorithms {
                let is_wrong = configure(*algorithm, key.clone())
                    .is_err_and(|error| error.is_wrong_family() && !error.is_short_key());
                assert_eq!(is_wrong, index != other, "{of_family:?} for {algorithm:?}");
            }
        }
    }
}

#[test]
fn a_secret_is_as_long_as_the_output_of_the_hash() {
    for (algorithm, length) in HMAC {
        let secret = |length| DecodingKey::from_secret(&vec![7; length]);
        assert!(configure(algorithm, secret(length)).is_ok(), "{algorithm:?}");
        for length in [0, 1, length - 1] {
            let error = refusal(algorithm, secret(length));
            assert!(error.is_short_key() && !error.is_wrong_family(), "{algorithm:?}: {length}");
        }
    }
}

#[test]
fn an_rsa_key_has_2048_bits() {
    let key = |n: &[u8]| DecodingKey::from_rsa_raw_components(n, &[1, 0, 1]);
    let mut one_bit_less = [0xFF; 256];
    one_bit_less[0] = 0x7F;
    let mut padded = [0xFF; 256];
    padded[0] = 0;
    for algorithm in RSA {
        assert!(configure(algorithm, key(&[0xFF; 256])).is_ok());
        for n in [&[][..], &[0; 300], &[0xFF; 128], &one_bit_less, &padded] {
            assert!(refusal(algorithm, key(n)).is_short_key());
        }
        assert!(refusal(algorithm, DecodingKey::from_rsa_der(b"no key")).is_unusable_key());
    }
}

#[test]
fn an_rsa_key_in_pem_is_measured_too() {
    let long = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAutfKQM4VkJSzrWqSWWsY
9jhbSXzpq0OErf/jvTUbvZo7BlKQ5Rvbnw1Z2eCv/thih0fcWlcdiQbLuwoOVndZ
4hHEuPS3R/KqrH63962t5h0Ova9lOySmUDY+LjMLvMK/kpDZhcXxDVsL0XSeMqzQ
S0Ng3kxAdJN43vESZI3h5sz0aETuB3oL7jJd4RvpZTwSQXNCuvcUp4xDIUe+Ak+K
yw9mzZ5w6H49Yq4FakXxA3ARgSEfPLNxaNeN8V/+9eacuhGLa9DZeWanJv87D+lu
11/wVlaD6OzWLCROiBeVUyGe9neOVQ03UknjjONmjo+VMlD1EoVOy+7XwucwNde6
DwIDAQAB
-----END PUBLIC KEY-----";
    let short = "-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDjyk3ffTFMLOOoG+G+brAXpGgx
dA5H+VseM48zXqjw13H4d5S5HORAlssxEgofhWKJM5kuaTDUMivp2vWtd3b8P0zT
CrSvZPB7mvAeWocteJUADeo2vOqmf1a71zX4K6YRa8jSvpzGf95KBAovFfy5qy6a
1UlUjJdF35QkedYg/wIDAQAB
-----END PUBLIC KEY-----";
    let key = |pem: &str| DecodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
    for algorithm in RSA {
        assert!(configure(algorithm, key(long)).is_ok());
        assert!(refusal(algorithm, key(short)).is_short_key());
    }
}

#[test]
fn a_key_is_one_of_the_algorithms_curve() {
    let ec = |(x, y)| DecodingKey::from_ec_components(x, y).unwrap();
    assert!(configure(Algorithm::ES256, ec(P256)).is_ok());
    assert!(configure(Algorithm::ES384, ec(P384)).is_ok());
    assert!(refusal(Algorithm::ES256, ec(P384)).is_unusable_key());
    assert!(refusal(Algorithm::ES384, ec(P256)).is_unusable_key());
    // Not on the curve.
    assert!(refusal(Algorithm::ES256, ec((P256.0, P256.0))).is_unusable_key());
}

#[test]
fn an_ed25519_key_is_whole() {
    let key = |bytes: &[u8]| DecodingKey::from_ed_der(bytes);
    let point = ed25519();
    assert!(configure(Algorithm::EdDSA, key(&point)).is_ok());
    let longer = [&point[..], &[0]].concat();
    for bytes in [&[][..], &point[..31], &longer] {
        assert!(refusal(Algorithm::EdDSA, key(bytes)).is_unusable_key(), "{}", bytes.len());
    }
}

#[test]
fn each_refusal_tells_the_remedy_and_nothing_of_the_key() {
    let secret = || DecodingKey::from_secret(b"hush");
    let errors = [
        refusal(Algorithm::HS256, secret()),
        refusal(Algorithm::ES256, secret()),
        refusal(Algorithm::EdDSA, DecodingKey::from_ed_der(b"hush")),
        bearer().key("one", Algorithm::HS256, secret()).unwrap_err(),
        bearer().leeway(Duration::from_secs(61)).unwrap_err(),
    ];
    for error in errors {
        let text = error.to_string();
        assert!(!text.contains("hush") && !text.ends_with('.'), "{text}");
        let is = [
            error.is_duplicate_key_id(),
            error.is_wrong_family(),
            error.is_short_key(),
            error.is_unusable_key(),
            error.is_long_leeway(),
        ];
        assert_eq!(is.iter().filter(|is| **is).count(), 1, "{text}");
    }
}

#[test]
fn a_key_is_not_printed() {
    let printed = format!("{:?}", bearer());
    assert!(printed.contains("one") && !printed.contains("secret"), "{printed}");
}
