//! What is an origin, and when two are the same.

use http::Uri;
use request_context::tower::client::Origin;

#[test]
fn the_same_origin_is_written_in_several_ways() {
    for (shown, others) in [
        ("http://a", &["http://a/", "http://a:80", "HTTP://A:80/", "http://a:080"][..]),
        ("https://a:80", &["https://A:80"]),
        ("https://a.b-c.d", &["https://a.b-c.d:443"]),
        ("http://127.0.0.1:8080", &["http://127.0.0.1:8080/"]),
        ("https://[::1]:8443", &["https://[0:0:0:0:0:0:0:1]:8443", "https://[::0001]:8443"]),
    ] {
        let origin: Origin = shown.parse().unwrap();
        assert_eq!(origin.to_string(), shown);
        assert_eq!(format!("{origin:?}"), format!("Origin({shown})"));
        for other in others {
            assert_eq!(Origin::try_from(*other).as_ref(), Ok(&origin), "{other}");
        }
    }
}

#[test]
fn another_scheme_host_or_port_is_another_origin() {
    let all = [
        "http://a",
        "https://a",
        "http://a:443",
        "https://a:80",
        "http://b",
        "http://a.",
        "http://a_b-c",
        "http://[::1]",
        "http://[::2]",
    ];
    for one in all {
        for other in all {
            let is_same = one.parse::<Origin>().unwrap() == other.parse().unwrap();
            assert_eq!(is_same, one == other, "{one} {other}");
        }
    }
}

#[test]
fn what_is_not_just_scheme_host_and_port_is_no_origin() {
    for text in [
        "",
        "a",
        "a:443",
        "/",
        "//a",
        "*",
        "https://",
        "https://*.a",
        "https://a,b",
        "https://a%2eb",
        "https://a!",
        "https:///a",
        "https://a/b",
        "https://a?b",
        "https://a#b",
        "https://a/?",
        "https://eve@a",
        "https://eve:pw@a",
        "https://a:",
        "https://a:+1",
        "https://a:-1",
        "https://a:65536",
        "https://a:b",
        "https://:443",
        "https://[::1",
        "https://[::1]x",
        "https://[a]",
        "https://[fe80::1%25eth0]",
        "https://a b",
        "https://a\\@b",
        "https://zoë",
        "https://a\r\n",
        "ws://a",
        "ftp://a",
        "null",
    ] {
        let error = text.parse::<Origin>().expect_err(text);
        assert!(error.to_string().contains("https://billing.internal:8443"));
    }
}

#[test]
fn a_uri_has_the_origin_that_a_client_would_connect_to() {
    let uri: Uri = "https://a:8443/b?c=http://d".parse().unwrap();
    assert_eq!(Origin::of(&uri), Some("https://a:8443".parse().unwrap()));
    for uri in ["/b", "*", "a:443", "https://a@b/", "https://a:70000/"] {
        assert_eq!(Origin::of(&uri.parse().unwrap()), None, "{uri}");
    }
}
