//! No identity crosses a redirect to another origin, whoever follows it.

use crate::support::Seen;
use crate::support::Server;
use crate::support::bearer_of_user;
use crate::support::context_of;
use crate::support::get;
use crate::support::hyper;
use crate::support::of_reqwest;
use crate::support::reqwest;
use bytes::Bytes;
use http::HeaderName;
use http::Request;
use http::StatusCode;
use http_body_util::Full;
use request_context::RequestContext;
use request_context::tower::client::ClientError;
use request_context::tower::client::ClientLayer;
use request_context::tower::client::IdentityHeader;
use std::error::Error;
use tower::Layer;
use tower::Service;
use tower::ServiceBuilder;
use tower::ServiceExt;
use tower_http::follow_redirect::FollowRedirectLayer;
use tower_http::follow_redirect::policy::Limited;

const X_TOKEN: HeaderName = HeaderName::from_static("x-token");

fn x_token_of_user() -> IdentityHeader {
    IdentityHeader::where_redirects_are_off(X_TOKEN, |context| {
        Ok(context.user().map(|user| format!("token-of-{user}")))
    })
}

/// Calls `url` for ada, which must end well.
async fn call<S, R>(client: S, url: &str) -> RequestContext
where
    S: Service<Request<Full<Bytes>>, Response = http::Response<R>, Error: Error>,
{
    let context = context_of("ada");
    let response = context.clone().scope(client.oneshot(get(url))).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    context
}

fn has_identity(seen: &Seen) -> bool {
    let is_in_any = seen.headers.values().any(|value| value.as_bytes().ends_with(b"token-of-ada"));
    is_in_any || !seen.body.is_empty()
}

#[tokio::test]
async fn reqwest_following_a_307_to_another_origin_leaves_the_identity_behind() {
    let (listed, foreign) = (Server::start().await, Server::start().await);
    let layer = ClientLayer::new().identity([listed.origin()], bearer_of_user());
    let client = layer.layer(reqwest());
    let context = context_of("ada");
    let request = |url: String| Request::post(url).body(reqwest::Body::from("")).unwrap();

    let to_foreign = request(listed.leading_to(&foreign.url));
    let response = context.clone().scope(client.clone().oneshot(to_foreign)).await.unwrap();
    assert_eq!(response.url().as_str(), format!("{}/", foreign.url));
    assert!(has_identity(&listed.take_one()));
    let seen = foreign.take_one();
    assert!(!has_identity(&seen), "{seen:?}");
    // What it does get: the request ID, which is no secret.
    assert_eq!(seen.request_id, *context.request_id());

    let to_itself = request(listed.leading_to(&listed.url));
    context.clone().scope(client.clone().oneshot(to_itself)).await.unwrap();
    assert!(listed.take_seen().iter().all(has_identity));

    let back = request(listed.leading_to(&foreign.leading_to(&listed.url)));
    context.clone().scope(client.clone().oneshot(back)).await.unwrap();
    assert_eq!(listed.take_seen().iter().map(has_identity).collect::<Vec<_>>(), [true, false]);
    assert!(!has_identity(&foreign.take_one()));

    let from_foreign = request(foreign.leading_to(&listed.url));
    context.scope(client.oneshot(from_foreign)).await.unwrap();
    assert!(!has_identity(&foreign.take_one()));
    assert!(!has_identity(&listed.take_one()));
}

#[tokio::test]
async fn a_header_of_any_name_stays_at_home_where_reqwest_follows_nothing() {
    let (listed, foreign) = (Server::start().await, Server::start().await);
    let layer = ClientLayer::new().identity([listed.origin()], x_token_of_user());
    let policy = reqwest::redirect::Policy::none();
    let client = layer.layer(of_reqwest(reqwest::Client::builder().no_proxy().redirect(policy)));
    let url = listed.leading_to(&foreign.url);
    let request = Request::get(&url).body(reqwest::Body::default()).unwrap();
    let response = context_of("ada").scope(client.oneshot(request)).await.unwrap();
    assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
    assert!(has_identity(&listed.take_one()));
    assert!(foreign.take_seen().is_empty());
}

/// The reason why `where_redirects_are_off` has its name; should reqwest ever take every header
/// away, this fails, and the restriction can go.
#[tokio::test]
async fn reqwest_sends_a_header_of_another_name_to_wherever_it_is_led() {
    let (listed, foreign) = (Server::start().await, Server::start().await);
    let layer = ClientLayer::new().identity([listed.origin()], x_token_of_user());
    let url = listed.leading_to(&foreign.url);
    let request = Request::get(&url).body(reqwest::Body::default()).unwrap();
    context_of("ada").scope(layer.layer(reqwest()).oneshot(request)).await.unwrap();
    assert!(has_identity(&foreign.take_one()));
}

#[tokio::test]
async fn above_follow_redirect_the_standard_policy_takes_the_bearer_token_away() {
    let (listed, foreign) = (Server::start().await, Server::start().await);
    let client = ServiceBuilder::new()
        .layer(ClientLayer::new().identity([listed.origin()], bearer_of_user()))
        .layer(FollowRedirectLayer::new())
        .service(hyper());
    let url = listed.leading_to(&foreign.leading_to(&listed.url));
    let context = call(client, &url).await;
    assert_eq!(listed.take_seen().iter().map(has_identity).collect::<Vec<_>>(), [true, false]);
    let seen = foreign.take_one();
    assert!(!has_identity(&seen), "{seen:?}");
    assert_eq!(seen.request_id, *context.request_id());
}

#[tokio::test]
async fn below_follow_redirect_each_hop_is_judged_by_its_own_origin() {
    let (listed, foreign) = (Server::start().await, Server::start().await);
    let client = ServiceBuilder::new()
        .layer(FollowRedirectLayer::with_policy(Limited::default()))
        .layer(ClientLayer::new().identity([listed.origin()], x_token_of_user()))
        .service(hyper());
    let context = call(client.clone(), &listed.leading_to(&foreign.url)).await;
    assert!(has_identity(&listed.take_one()));
    let seen = foreign.take_one();
    assert!(!has_identity(&seen), "{seen:?}");
    assert_eq!(seen.request_id, *context.request_id());

    // What speaks for the two halves: here a foreign host chooses what is done in ada's name.
    call(client, &foreign.leading_to(&listed.url)).await;
    assert!(has_identity(&listed.take_one()));
}

/// Between the halves of a layer with both kinds of headers; `follow` is what follows the redirects.
async fn between_the_halves_the_identity_stays_where_the_caller_went<L>(follow: L)
where
    L: Layer<Below, Service: Service<Request<Full<Bytes>>, Response = Response, Error = Failed>>,
    L: Clone,
    L::Service: Clone,
{
    let (listed, foreign) = (Server::start().await, Server::start().await);
    let other = Server::start().await;
    let (above, below) = ClientLayer::new()
        .identity([listed.origin(), other.origin()], x_token_of_user())
        .identity([listed.origin(), other.origin()], bearer_of_user())
        .around_redirects();
    let client = ServiceBuilder::new().layer(above).layer(follow).layer(below).service(hyper());
    let went = |server: &Server| server.take_seen().iter().map(has_identity).collect::<Vec<_>>();

    call(client.clone(), &listed.url).await;
    assert_eq!(went(&listed), [true]);

    call(client.clone(), &listed.leading_to(&listed.url)).await;
    assert_eq!(went(&listed), [true, true]);

    let context = call(client.clone(), &listed.leading_to(&foreign.url)).await;
    assert_eq!(went(&listed), [true]);
    let seen = foreign.take_one();
    assert!(!has_identity(&seen), "{seen:?}");
    assert_eq!(seen.request_id, *context.request_id());

    call(client.clone(), &foreign.leading_to(&listed.url)).await;
    assert_eq!((went(&foreign), went(&listed)), (vec![false], vec![false]));

    // Also between two that are both listed, and after a foreign host has led back.
    call(client.clone(), &listed.leading_to(&other.url)).await;
    assert_eq!((went(&listed), went(&other)), (vec![true], vec![false]));

    call(client.clone(), &listed.leading_to(&foreign.leading_to(&listed.url))).await;
    assert_eq!((went(&foreign), went(&listed)), (vec![false], vec![true, false]));

    // Each call begins anew.
    call(client, &other.url).await;
    assert_eq!(went(&other), [true]);
}

type Below = request_context::tower::client::ClientService<
    hyper_util::client::legacy::Client<
        hyper_util::client::legacy::connect::HttpConnector,
        request_context::tower::client::ClientBody<Full<Bytes>>,
    >,
>;
type Response = http::Response<hyper::body::Incoming>;
type Failed = ClientError<hyper_util::client::legacy::Error>;

#[tokio::test]
async fn between_the_halves_and_with_the_standard_policy_it_stays_where_the_caller_went() {
    let follow = FollowRedirectLayer::new();
    between_the_halves_the_identity_stays_where_the_caller_went(follow).await;
}

#[tokio::test]
async fn between_the_halves_it_stays_also_with_a_policy_that_takes_nothing_away() {
    let follow = FollowRedirectLayer::with_policy(Limited::default());
    between_the_halves_the_identity_stays_where_the_caller_went(follow).await;
}

#[tokio::test]
async fn the_lower_half_alone_sends_no_identity() {
    let listed = Server::start().await;
    let (_, below) =
        ClientLayer::new().identity([listed.origin()], bearer_of_user()).around_redirects();
    call(below.layer(hyper()), &listed.url).await;
    assert!(!has_identity(&listed.take_one()));
}
