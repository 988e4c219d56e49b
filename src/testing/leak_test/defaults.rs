//! What is sent where nobody said what to send.

use super::test_request::TestRequest;
use super::visitor::Visitor;

/// Where many programs tell a user what is theirs.
const PATHS: &[&str] = &[
    "/",
    "/me",
    "/whoami",
    "/hello",
    "/user",
    "/users/me",
    "/profile",
    "/account",
    "/session",
    "/chat",
    "/history",
    "/messages",
    "/notes",
    "/items",
    "/cart",
    "/orders",
    "/settings",
    "/dashboard",
    "/search",
    "/api",
    "/api/me",
    "/api/user",
    "/api/profile",
    "/api/chat",
    "/api/messages",
];

pub(super) const LOGIN: &str = "POST /login";

/// All that may be there, each as a method and a path.
pub(super) fn candidates() -> Vec<String> {
    let both = PATHS.iter().flat_map(|path| [format!("GET {path}"), format!("POST {path}")]);
    std::iter::once(LOGIN.to_owned()).chain(both).collect()
}

/// The request to `route`, a path with or without a method: the visitor's data is wherever such a
/// program may take it from.
pub(super) fn request(visitor: &Visitor, route: &str) -> TestRequest {
    let (user, secret) = (visitor.canary("user"), visitor.canary("secret"));
    let (method, path) = route.split_once(' ').unwrap_or(("GET", route));
    let request = match method {
        "POST" => TestRequest::post(path).json(json(visitor)),
        _ => {
            let sign = if path.contains('?') { '&' } else { '?' };
            TestRequest::get(&format!("{path}{sign}user={user}&name={user}&q={secret}"))
        }
    };
    let request = if path == "/login" {
        request
    } else {
        request.header("authorization", &format!("Bearer {user}"))
    };
    request.header("x-user", &user).header("x-user-id", &user)
}

fn json(visitor: &Visitor) -> String {
    let (user, email) = (visitor.canary("user"), visitor.canary("email"));
    let secret = visitor.canary("secret");
    let of_user = ["user", "username", "name", "user_id"].map(|key| format!(r#""{key}":"{user}""#));
    let of_secret = ["password", "message", "text", "note", "q", "query"];
    let of_secret = of_secret.map(|key| format!(r#""{key}":"{secret}""#));
    format!("{{{},{},\"email\":\"{email}\"}}", of_user.join(","), of_secret.join(","))
}
