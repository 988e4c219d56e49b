//! Which functions requests come to, and which calls start work.

use crate::project::codes;

/// Whether a spawn in `function` is reported.
fn is_request_code(function: &str) -> bool {
    let text = function.replace("BODY", "{ tokio::spawn(async {}); }");
    codes(&text).contains(&"C001".to_owned())
}

#[test]
fn functions_that_a_request_is_handed_to() {
    for function in [
        "async fn f(axum::extract::Path(id): axum::extract::Path<u64>) BODY",
        "async fn f(headers: HeaderMap) BODY",
        "fn f(req: HttpRequest) BODY",
        "async fn f(request: axum::extract::Request, next: Next) BODY",
        "async fn f(data: web::Data<App>) BODY",
        "#[get(\"/\")]\nasync fn f() BODY",
        "#[rocket::post(\"/\", data = \"<a>\")]\nfn f(a: u8) BODY",
        "struct S; impl tower::Service<Request> for S { fn call(&mut self, request: Request) BODY }",
        "struct S; impl Greeter for S { async fn hello(&self, request: tonic::Request<Hello>) BODY }",
        "struct S; #[Object]\nimpl S { async fn name(&self) BODY }",
        "struct S; impl S { #[tool(description = \"x\")]\nasync fn run(&self) BODY }",
        "struct S; impl actix::Handler<Ping> for S { fn handle(&mut self, msg: Ping, ctx: &mut C) BODY }",
        "struct S; impl ServerHandler for S { async fn call_tool(&self, a: A) BODY }",
        "struct S; impl RpcServer for S { async fn balance(&self) BODY }",
        "async fn f(mut socket: WebSocket) BODY",
        "fn f() BODY\nfn r() { Router::new().route(\"/\", get(f)); }",
        "fn f() BODY\nfn r() { App::new().route(\"/\", web::post().to(f)); }",
        "fn f() BODY\nfn r() { Router::new().fallback(f); }",
        "fn r() { Router::new().route(\"/\", get(|| async BODY)); }",
        "async fn f(ws: WebSocketUpgrade) { ws.on_upgrade(|socket| talk(socket)); } async fn talk(s: S) BODY",
        "async fn a(p: Query<u8>) { S::b(); } impl S { fn b() { Self::c() } fn c() BODY }",
        "async fn a(p: Query<u8>) { x.unusual_part(); } impl S { fn unusual_part(&self) { self.c() } fn c(&self) BODY }",
        "async fn a(p: Query<u8>) { m!(x); } macro_rules! m { ($e:expr) => { inner($e) } } fn inner(x: u8) BODY",
        "async fn a(p: Query<u8>) { let f = super::b::<u8>(1); } fn b<T>(t: T) BODY",
    ] {
        assert!(is_request_code(function), "{function}");
    }
}

#[test]
fn functions_that_no_request_comes_to() {
    for function in [
        "fn main() BODY",
        "async fn worker(queue: Receiver<Job>) BODY",
        "async fn f(path: &Path) BODY",
        "async fn send(client: &Client, request: reqwest::Request) BODY",
        "#[tauri::command]\nasync fn f() BODY",
        "async fn a(p: Query<u8>) { } fn b() BODY",
        "async fn a(p: Query<u8>) { x.unusual(); } impl S { fn unusual(&self) BODY }",
        "async fn a(p: Query<u8>) { map.get(b); } fn b() BODY",
        "fn get(b: u8) BODY\nasync fn a(p: Query<u8>) { other::get(1); }",
        "#[tokio::test]\nasync fn f(p: Query<u8>) BODY",
    ] {
        assert!(!is_request_code(function), "{function}");
    }
}

/// Whether `statement`, in a handler, is reported.
fn is_reported(statement: &str) -> bool {
    let text = format!(
        "use axum::extract::Query;\nuse tokio::task;\nasync fn f(p: Query<u8>) {{ {statement} }}\n"
    );
    codes(&text).contains(&"C001".to_owned())
}

#[test]
fn calls_that_start_work_without_the_request() {
    for statement in [
        "task::spawn(async {});",
        "task::spawn_blocking(|| {}).await.unwrap();",
        "tokio::task::spawn_local(async {});",
        "set.spawn(async {});",
        "set.spawn_on(async {}, &handle);",
        "Handle::current().spawn(async {});",
        "std::thread::Builder::new().name(n).spawn(|| {});",
        "std::thread::scope(|s| { s.spawn(|| {}); });",
        "rayon::spawn(|| {});",
        "actix_web::rt::spawn(async {});",
        "use tokio::spawn as begin; begin(async {});",
        "for x in xs { if a { match b { _ => { tokio::spawn(x); } } } }",
        "tokio::select! { a = b() => { tokio::spawn(async {}); } _ = c() => {} }",
        "vec![tokio::spawn(async {}), tokio::spawn(async {})];",
        "let work = async { 1 }; tokio::spawn(work);",
        "some_macro! { let x = 1; tokio::spawn(async {}); }",
    ] {
        assert!(is_reported(statement), "{statement}");
    }
}

#[test]
fn calls_that_carry_or_start_nothing() {
    for statement in [
        "tokio::spawn(async {}.instrument(span));",
        "tokio::spawn(async {}.in_current_span());",
        "tokio::spawn(work.in_current_context());",
        "let work = run().instrument(tracing::info_span!(\"a\")); tokio::spawn(work);",
        "let span = Span::current(); task::spawn_blocking(move || span.in_scope(|| {}));",
        "task::spawn_blocking(carry(|| {}));",
        "tokio::spawn(run(span.clone()));",
        "tokio::spawn(run().with_context(cx));",
        "tokio::spawn(async {}.bind_hub(hub));",
        "request_context::spawn(async {});",
        "request_context::spawn_outside(async {});",
        "use request_context::spawn; spawn(async {});",
        "set.spawn_in_context(async {});",
        "Command::new(\"ls\").spawn();",
        "queue.send(job).await;",
    ] {
        assert!(!is_reported(statement), "{statement}");
    }
}

#[test]
fn a_function_of_the_workspace_with_the_name_of_a_spawn_is_judged_by_what_it_does() {
    let carries = "mod rt { pub fn spawn(f: F) { tokio::spawn(f.in_current_span()); } }\n\
                   use crate::rt::spawn;\nasync fn f(p: Query<u8>) { spawn(async {}); }\n";
    assert!(codes(carries).is_empty());
    let loses = "mod rt { pub fn spawn(f: impl Future) { tokio::spawn(f); } }\n\
                 use crate::rt::spawn;\nasync fn f(p: Query<u8>) { spawn(async {}); spawn(async {}); }\n";
    assert_eq!(codes(loses), ["C002"]);
}
