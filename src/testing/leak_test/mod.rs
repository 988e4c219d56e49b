//! The test itself: who visits the program, what they send, and what came of it.

mod alone;
mod any_body;
mod defaults;
mod exchange;
mod fault;
mod plan;
mod plant;
mod program;
mod remote;
mod reply;
mod request_body;
mod route;
mod run;
mod search;
mod session;
mod settings;
mod shrink;
mod sink_of_reply;
mod subject;
mod test;
mod test_request;
mod visitor;
mod web_socket;
mod wire;
mod worth;

pub use remote::Url;
pub use remote::url;
pub use reply::Reply;
pub use request_body::RequestBody;
pub use subject::Subject;
pub use test::LeakTest;
pub use test::assert_isolated;
pub use test_request::TestRequest;
pub use visitor::Visitor;
