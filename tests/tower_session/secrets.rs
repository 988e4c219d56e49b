//! The token is seen by its client, and by nobody who logs.

use crate::support::App;
use crate::support::Carrier;
use crate::support::Client;
use crate::support::Gate;
use crate::support::Watched;
use crate::support::logged;
use crate::support::routes;
use crate::support::serve;
use axum::Router;
use axum::extract::Request;
use axum::middleware::Next;
use axum::middleware::from_fn;
use bytes::Bytes;
use http::Method;
use http_body_util::Full;
use request_context::RequestContext;
use request_context::owner::Owner;
use request_context::session::Session;
use request_context::session::SessionToken;
use request_context::session::Sessions;
use request_context::tower::RequestContextLayer;
use request_context::tower::session::Policy;
use request_context::tower::session::SessionLayer;
use request_context::tower::session::Transport;
use std::convert::Infallible;
use tower::Layer;
use tower::ServiceBuilder;
use tower::ServiceExt;
use tower::service_fn;
use tower_http::trace::DefaultMakeSpan;
use tower_http::trace::DefaultOnResponse;
use tower_http::trace::TraceLayer;
use tracing::Level;

/// Logs all that can be printed inside the layer.
async fn print_all(request: Request, next: Next) -> axum::response::Response {
    tracing::info!(?request, context = ?RequestContext::current(), "asked");
    tracing::info!(session = ?Session::current(), extensions = ?request.extensions(), "asked");
    let response = next.run(request).await;
    tracing::info!(?response, session = ?Session::try_current(), "answered");
    response
}

#[tokio::test]
async fn no_token_is_in_any_line_of_the_log_at_any_level() {
    for carrier in Carrier::ALL {
        let (log, _guard) = logged();
        let transport = match carrier {
            Carrier::Header => Transport::header(),
            Carrier::Bearer => Transport::bearer(),
            Carrier::Cookie => Transport::cookie().into(),
        };
        let store = Watched::default();
        let sessions = Sessions::new(store.clone());
        let layer = SessionLayer::new(sessions.clone(), transport, Policy::browser());
        tracing::info!(?layer, ?sessions, store = ?store.memory, "made");
        let headers_out = DefaultOnResponse::new().level(Level::INFO).include_headers(true);
        let headers_in = DefaultMakeSpan::new().level(Level::INFO).include_headers(true);
        let service = ServiceBuilder::new()
            .layer(TraceLayer::new_for_http().on_response(headers_out.clone()))
            .layer(RequestContextLayer::new())
            .layer(layer)
            .layer(TraceLayer::new_for_http().make_span_with(headers_in).on_response(headers_out))
            .layer(from_fn(print_all))
            .service(routes(Gate::default()));
        let address = serve(Router::new().fallback_service(service)).await;

        let mut client = Client::connect(address, carrier).await;
        let unknown = SessionToken::new().unwrap().reveal(str::to_owned);
        let mut tokens = vec![unknown.clone()];
        client.token = Some(unknown);
        for path in ["/write/a", "/login/ada", "/rotate", "/append/x", "/logout"] {
            client.ask(path).await;
            tokens.extend(client.token.clone());
        }
        let mut again = client.again().await;
        for token in &tokens {
            again.token = Some(token.clone());
            again.ask("/read").await;
            // Twice.
            let request = carrier.put("other", again.request(Method::GET, "/read"));
            again.send(request).await;
        }
        store.fail(Some(|| request_context::session::StoreError::unavailable("refused")));
        again.token = tokens.last().cloned();
        again.get("/read").await;

        tokens.sort();
        tokens.dedup();
        assert_eq!(tokens.len(), 4, "{carrier:?}");
        let text = log.text();
        assert!(text.contains("Sensitive"), "headers were printed");
        for token in &tokens {
            assert!(!text.contains(token.as_str()), "{carrier:?}");
        }
        let id = SessionToken::parse(&tokens[0]).unwrap().session_id();
        let ids: Vec<_> = tokens.iter().map(|token| SessionToken::parse(token).unwrap()).collect();
        let named = ids.iter().filter(|token| text.contains(token.session_id().as_str()));
        assert!(named.count() >= 2, "the log names sessions by their ID: {id}");
    }
}

#[tokio::test]
async fn a_dead_token_is_worth_a_line_at_debug() {
    let (log, _guard) = logged();
    for policy in [Policy::api(), Policy::browser()] {
        let app = App::start(Carrier::Header, policy).await;
        app.client().await.with("x").get("/whose").await;
    }
    let lines = log.messages("DEBUG");
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines.iter().all(|line| line.contains("a token that no session has")));
    assert_eq!(log.messages("WARN"), [""; 0]);
}

/// The headers as the handler sees them.
async fn seen_inside(
    transport: impl Into<Transport>,
    policy: Policy,
    sessions: &Sessions,
    headers: &[(&str, &[u8])],
) -> Vec<(String, Vec<u8>)> {
    let inner = service_fn(|request: http::Request<()>| async move {
        let headers = request.headers().iter();
        let mut headers: Vec<_> =
            headers.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
        headers.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut response = http::Response::new(Full::<Bytes>::default());
        response.extensions_mut().insert(headers);
        Ok::<_, Infallible>(response)
    });
    let layer = SessionLayer::new(sessions.clone(), transport, policy);
    let service = RequestContextLayer::new().layer(layer.layer(inner));
    let mut request = http::Request::new(());
    for (name, value) in headers {
        let name = name.parse::<http::HeaderName>().unwrap();
        request.headers_mut().append(name, http::HeaderValue::from_bytes(value).unwrap());
    }
    let response = service.oneshot(request).await.unwrap();
    assert_eq!(response.status(), http::StatusCode::OK);
    response.extensions().get::<Vec<(String, Vec<u8>)>>().unwrap().clone()
}

#[tokio::test]
async fn the_handler_has_no_token_in_its_headers() {
    let sessions = Sessions::new(Watched::default());
    let (token, _) = sessions.create(&Owner::nobody()).await.unwrap();
    let token = token.reveal(str::to_owned);
    let bearer = format!("Bearer {token}");
    let (header, authorization) = ("x-session-id", "authorization");
    let both = [(header, token.as_bytes()), (authorization, bearer.as_bytes())];
    let names =
        |seen: Vec<(String, Vec<u8>)>| seen.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    for (transport, left) in
        [(Transport::header(), vec![authorization]), (Transport::bearer(), vec![header])]
    {
        let seen = seen_inside(transport, Policy::api(), &sessions, &both).await;
        assert_eq!(names(seen), left);
    }
    let named = Transport::header_named(http::HeaderName::from_static("x-shop"));
    let seen = seen_inside(named, Policy::api(), &sessions, &[("x-shop", token.as_bytes())]).await;
    assert_eq!(names(seen), [""; 0]);
    // What is no token is not shown either.
    for (transport, name, value) in [
        (Transport::header(), header, "no-token"),
        (Transport::bearer(), authorization, "Bearer no-token"),
        (Transport::cookie().into(), "cookie", "__Host-id=no-token"),
    ] {
        let headers = [(name, value.as_bytes())];
        let seen = seen_inside(transport, Policy::browser(), &sessions, &headers).await;
        assert_eq!(names(seen), [""; 0], "{name}");
    }
}

#[tokio::test]
async fn other_cookies_are_as_they_were_to_the_byte() {
    let sessions = Sessions::new(Watched::default());
    let (token, _) = sessions.create(&Owner::nobody()).await.unwrap();
    let own = format!("__Host-id={}", token.reveal(str::to_owned));
    // `{}` is the session's cookie.
    let cases: [(&[&str], &[&str]); 10] = [
        (&["{}"], &[]),
        (&["a=1; {}; b=2"], &["a=1; b=2"]),
        (&["{}; b=2"], &["b=2"]),
        (&["a=1; {}"], &["a=1"]),
        (&["a=1;{};b=2"], &["a=1;b=2"]),
        (&["a=\"x y\" ;  b ; =; {} ;c=1==;;"], &["a=\"x y\" ;  b ; =;c=1==;;"]),
        (&["a=1", "{}", "b=2"], &["a=1", "b=2"]),
        (&["id=1; __Host-id2=2; x__Host-id=3; {}"], &["id=1; __Host-id2=2; x__Host-id=3"]),
        (&["a=\u{fc}; {}; a=2; a=2"], &["a=\u{fc}; a=2; a=2"]),
        (&["a=1; b= 2;;  "], &["a=1; b= 2;;  "]),
    ];
    for (sent, left) in cases {
        let lines: Vec<_> = sent.iter().map(|line| line.replace("{}", &own)).collect();
        let headers: Vec<_> = lines.iter().map(|line| ("cookie", line.as_bytes())).collect();
        let seen = seen_inside(Transport::cookie(), Policy::api(), &sessions, &headers).await;
        let seen: Vec<_> =
            seen.into_iter().map(|(_, line)| String::from_utf8(line).unwrap()).collect();
        assert_eq!(seen, left, "{sent:?}");
    }
}
