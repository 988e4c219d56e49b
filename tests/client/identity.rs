//! An identity goes to the origins listed for it, as it is or not at all.

use crate::support::Server;
use crate::support::bearer_of_user;
use crate::support::context_of;
use crate::support::get;
use crate::support::hyper;
use bytes::Bytes;
use http::HeaderName;
use http::Request;
use http::Uri;
use http::header::AUTHORIZATION;
use http_body_util::Full;
use request_context::RequestContext;
use request_context::tower::client::ClientBody;
use request_context::tower::client::ClientLayer;
use request_context::tower::client::IdentityHeader;
use std::convert::Infallible;
use std::error::Error;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;

const X_TOKEN: HeaderName = HeaderName::from_static("x-token");

/// What the layer hands to the client for a call of `context`.
fn sent_by(
    layer: &ClientLayer,
    context: RequestContext,
    request: Request<Full<Bytes>>,
) -> Request<ClientBody<Full<Bytes>>> {
    let echo = service_fn(async |request| Ok::<_, Infallible>(request));
    pollster::block_on(context.scope(layer.layer(echo).oneshot(request))).unwrap()
}

#[tokio::test]
async fn only_a_listed_origin_is_told_who_it_is_for() {
    let (listed, other) = (Server::start().await, Server::start().await);
    let client = ClientLayer::new().identity([listed.origin()], bearer_of_user()).layer(hyper());
    for user in ["ada", "bob"] {
        let context = context_of(user);
        context.clone().scope(client.clone().oneshot(get(&listed.url))).await.unwrap();
        context.clone().scope(client.clone().oneshot(get(&other.url))).await.unwrap();
        let token = format!("Bearer token-of-{user}");
        assert_eq!(listed.take_one().header("authorization"), Some(&*token));
        let seen = other.take_one();
        assert_eq!(seen.header("authorization"), None);
        assert_eq!(seen.request_id, *context.request_id());
    }
}

#[test]
fn an_origin_is_listed_exactly() {
    let listed = ["https://billing.internal".parse().unwrap()];
    let layer = ClientLayer::new().identity(listed, bearer_of_user());
    let gets = |url: &str| {
        sent_by(&layer, context_of("ada"), get(url)).headers().contains_key(AUTHORIZATION)
    };
    for url in [
        "https://billing.internal/x?y",
        "https://BILLING.internal:443/",
        "HTTPS://billing.internal",
    ] {
        assert!(gets(url), "{url}");
    }
    for url in [
        "http://billing.internal/",
        "http://billing.internal:443/",
        "https://billing.internal:8443/",
        "https://billing.internal.evil.com/",
        "https://evil.com/billing.internal",
        "https://evil.com/?https://billing.internal",
        "https://sub.billing.internal/",
        "https://internal/",
        "https://billing.internal./",
    ] {
        assert!(!gets(url), "{url}");
    }
}

#[test]
fn each_origin_gets_the_token_made_for_it() {
    let origin = |url: &str| url.parse().unwrap();
    let fixed = |token: &'static str| IdentityHeader::bearer(move |_| Ok(Some(token.to_owned())));
    let layer = ClientLayer::new()
        .identity([origin("https://a.internal"), origin("https://b.internal")], fixed("for-a-or-b"))
        .identity([origin("https://c.internal")], fixed("for-c"))
        .identity([origin("https://a.internal")], fixed("too-late"));
    for (url, token) in [
        ("https://a.internal", Some("Bearer for-a-or-b")),
        ("https://b.internal", Some("Bearer for-a-or-b")),
        ("https://c.internal", Some("Bearer for-c")),
        ("https://d.internal", None),
    ] {
        let sent = sent_by(&layer, RequestContext::new(), get(url));
        let sent: Vec<_> = sent.headers().get_all(AUTHORIZATION).iter().collect();
        assert_eq!(sent, token.iter().collect::<Vec<_>>(), "{url}");
    }
}

#[test]
fn the_value_is_sensitive_and_debug_does_not_show_it() {
    let token = IdentityHeader::where_redirects_are_off(X_TOKEN, |_| Ok(Some("s3cret".into())));
    let origin = || ["https://a.internal".parse().unwrap()];
    let layer = ClientLayer::new().identity(origin(), bearer_of_user()).identity(origin(), token);
    let sent = sent_by(&layer, context_of("ada"), get("https://a.internal"));
    assert!(sent.headers()[AUTHORIZATION].is_sensitive());
    assert!(sent.headers()[X_TOKEN].is_sensitive());
    assert!(!sent.headers()["x-request-id"].is_sensitive());
    let debug = format!("{:?} {layer:?}", sent.headers());
    assert!(!debug.contains("token-of") && !debug.contains("s3cret"), "{debug}");
}

#[test]
fn who_is_nobody_is_not_named() {
    let layer =
        ClientLayer::new().identity(["https://a.internal".parse().unwrap()], bearer_of_user());
    let anonymous = sent_by(&layer, RequestContext::new(), get("https://a.internal"));
    assert!(!anonymous.headers().contains_key(AUTHORIZATION));
    let detached = sent_by(&layer, context_of("ada").detach(), get("https://a.internal"));
    assert!(!detached.headers().contains_key(AUTHORIZATION));
}

#[test]
fn a_credential_that_is_set_already_is_refused_where_an_identity_would_go_out() {
    let layer =
        ClientLayer::new().identity(["https://a.internal".parse().unwrap()], bearer_of_user());
    let with_credential = |uri| {
        let mut request = get(uri);
        request.headers_mut().insert(AUTHORIZATION, "Bearer of-someone-else".parse().unwrap());
        request
    };
    let never = service_fn(async |_| -> Result<(), Infallible> { unreachable!("was sent") });
    let call = layer.layer(never).oneshot(with_credential("https://a.internal"));
    let error = pollster::block_on(context_of("ada").scope(call)).unwrap_err();
    assert!(error.is_identity_set(), "{error}");

    let sent = sent_by(&layer, context_of("ada"), with_credential("https://b.external"));
    let sent: Vec<_> = sent.headers().get_all(AUTHORIZATION).iter().collect();
    assert_eq!(sent, ["Bearer of-someone-else"]);
}

/// Texts that a user ID may hold, or that a careless function may make, and that are no token.
const HOSTILE: &[&str] = &[
    "",
    " ",
    "a\r\nx-admin: yes",
    "a\nb",
    "a\r",
    "a\0",
    "a\tb",
    "a\u{7f}",
    "\u{1b}[31m",
    "zoë",
    "a\u{2028}b",
    "\u{202e}ada",
    " ada",
    "ada ",
];

async fn refuses(server: &Server, header: IdentityHeader, texts: &[&str]) {
    let client = ClientLayer::new().identity([server.origin()], header).layer(hyper());
    for text in texts {
        let context = RequestContext::builder().insert(Text((*text).to_owned())).build();
        let call = context.scope(client.clone().oneshot(get(&server.url)));
        let error = call.await.expect_err(text);
        assert!(error.is_no_identity(), "{text:?}: {error:?}");
        let shown = format!("{error} {error:?} {}", error.source().unwrap());
        assert!(text.trim().len() < 4 || !shown.contains(text), "{shown}");
        assert!(server.take_seen().is_empty(), "{text:?}");
    }
}

struct Text(String);
impl request_context::ContextValue for Text {}

fn text_of(context: &RequestContext) -> Option<String> {
    context.get::<Text>().map(|text| text.0.clone())
}

#[tokio::test]
async fn a_text_that_could_not_stand_in_the_header_as_it_is_stops_the_call() {
    let server = Server::start().await;
    let plain = IdentityHeader::where_redirects_are_off(X_TOKEN, |context| Ok(text_of(context)));
    refuses(&server, plain, HOSTILE).await;
    let bearer = || IdentityHeader::bearer(|context| Ok(text_of(context)));
    refuses(&server, bearer(), HOSTILE).await;
    refuses(&server, bearer(), &["a b", "a,b", "a\"b", "=", "Bearer a", "ada; admin", "a:b"]).await;
}

#[tokio::test]
async fn a_user_id_with_odd_characters_is_refused_where_it_is_sent_bare() {
    let server = Server::start().await;
    let bare = IdentityHeader::bearer(|context| Ok(context.user().map(ToString::to_string)));
    let client = ClientLayer::new().identity([server.origin()], bare).layer(hyper());
    for user in ["ada lovelace", "zoë", "ada, bob", "ada\u{2028}x-admin: yes"] {
        let call = context_of(user).scope(client.clone().oneshot(get(&server.url)));
        assert!(call.await.unwrap_err().is_no_identity(), "{user}");
    }
    assert!(server.take_seen().is_empty());
    context_of("ada").scope(client.oneshot(get(&server.url))).await.unwrap();
    assert_eq!(server.take_one().header("authorization"), Some("Bearer ada"));
}

#[tokio::test]
async fn an_identity_that_cannot_be_made_stops_the_call() {
    let server = Server::start().await;
    let failing = IdentityHeader::bearer(|_| Err("no signing key".into()));
    let client = ClientLayer::new().identity([server.origin()], failing).layer(hyper());
    let error = context_of("ada").scope(client.oneshot(get(&server.url))).await.unwrap_err();
    assert!(error.is_no_identity());
    assert!(error.to_string().contains("`authorization`"), "{error}");
    assert_eq!(error.source().unwrap().to_string(), "no signing key");
    assert!(server.take_seen().is_empty());
}

#[tokio::test]
async fn a_request_that_does_not_tell_its_origin_is_refused_where_identities_are_sent() {
    let echo = service_fn(async |request: Request<_>| Ok::<_, Infallible>(request));
    let call = async |layer: &ClientLayer, uri: &str| {
        let request = Request::new(Full::<Bytes>::default());
        let (mut parts, body) = request.into_parts();
        parts.uri = uri.parse::<Uri>().unwrap();
        let request = Request::from_parts(parts, body);
        context_of("ada").scope(layer.layer(echo).oneshot(request)).await
    };
    let origin = "https://a.internal".parse().unwrap();
    let with_identity = ClientLayer::new().identity([origin], bearer_of_user());
    for uri in [
        "/",
        "a.internal:443",
        "https://eve@a.internal/",
        "ftp://a.internal/",
        "https://a.internal:99999/",
    ] {
        assert!(call(&with_identity, uri).await.unwrap_err().is_unknown_origin(), "{uri}");
        assert!(call(&ClientLayer::new(), uri).await.is_ok(), "{uri}");
    }
}
