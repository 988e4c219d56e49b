//! One request and all that comes of it.

use super::any_body::AnyBody;
use super::fault::Answer;
use super::fault::Fault;
use super::fault::answer_of;
use super::program::Running;
use super::program::SharedConnection;
use super::reply::Reply;
use super::request_body::RequestBody;
use super::session::World;
use super::sink_of_reply::LookAtReply;
use super::subject::BoxError;
use super::test_request::TestRequest;
use super::visitor::Visitor;
use super::web_socket::talk;
use crate::testing::canary::CanaryMatch;
use crate::testing::canary::DecodedBody;
use crate::testing::report::StoryStep;
use crate::testing::schedule::mixed;
use crate::testing::sinks::Sink;
use bytes::Bytes;
use bytes::BytesMut;
use http::HeaderName;
use http::HeaderValue;
use http::Request;
use http::Response;
use http::Uri;
use http::header::COOKIE;
use http::header::HOST;
use http::uri::Authority;
use hyper::ext::ReasonPhrase;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;
use tokio::task::coop;
use tokio::task::yield_now;
use tokio::time::Instant;
use tokio::time::timeout_at;

/// Where `Transport::header` has the session, in requests and responses.
const SESSION_ID: HeaderName = HeaderName::from_static("x-session-id");

/// How long a client reads a response body, in the time of the runtime.
pub(super) const STREAM: Duration = Duration::from_secs(60);
/// The same on the clock of the machine.
const STREAM_IN_REAL_TIME: Duration = Duration::from_secs(10);
/// How many frames of a body it reads whose length is not known.
const MOST_FRAMES: usize = 4096;
/// How many bytes of such a body it keeps.
const MOST_BYTES: usize = 16 << 20;

/// What a visitor sends its requests by: a connection, and what a browser keeps.
pub(super) struct Client<'a> {
    pub(super) visitor: Visitor,
    world: Rc<World<'a>>,
    connection: Option<SharedConnection>,
    cookies: BTreeMap<String, String>,
    session: Option<HeaderValue>,
}

impl<'a> Client<'a> {
    pub(super) fn new(world: Rc<World<'a>>, visitor: Visitor) -> Self {
        let connection = world.running.connect(visitor.number());
        Self { visitor, world, connection, cookies: BTreeMap::new(), session: None }
    }

    /// Sends a request, and looks at all that comes back; none if nothing did.
    pub(super) async fn exchange(
        &mut self,
        number: Option<usize>,
        mut request: TestRequest,
    ) -> Option<Reply> {
        let me = self.visitor.number();
        let observer = &self.world.observer;
        if let Some(fault) = request.fault() {
            observer.note_text(format!("a request was not sent: {fault}"));
            return None;
        }
        let messages = request.messages.take();
        let connection = match messages {
            Some(_) => self.world.running.open()?,
            None => Rc::clone(self.connection.as_ref()?),
        };
        // Between two requests of a client there is a network.
        yield_now().await;
        let route = route_of(&request, number.is_none());
        observer.board.begin_request(number, route);
        observer.board.tell(|| StoryStep::Sends(self.told(&request)));
        let fault = number.and_then(|number| self.world.fault(me, number));
        let request = self.complete(request)?;
        // Of who has it alone, nobody else is to have a turn here.
        let mut connection = match connection.try_lock() {
            Ok(connection) => connection,
            Err(_) => connection.lock().await,
        };
        observer.board.arm(me, fault.and_then(Fault::point));
        let answer = match messages {
            Some(messages) => {
                Box::pin(talk(&mut **connection, request, messages, self.look(number)))
            }
            None => connection.send(request),
        };
        let (answer, waited) = answer_of(answer, fault).await;
        observer.note_stop(waited);
        let (reply, is_broken) = self.read(answer, number, fault).await;
        self.world.observer.board.arm(me, None);
        drop(connection);
        if is_broken {
            self.connection = self.world.running.reconnect(me);
        }
        reply
    }

    /// Calls the async fn under test.
    pub(super) async fn call(&mut self, number: usize) {
        let Running::Function(function) = &self.world.running else { return };
        yield_now().await;
        let observer = &self.world.observer;
        observer.board.begin_request(Some(number), 1);
        observer.board.tell(|| StoryStep::Sends("a call".to_owned()));
        let fault = self.world.fault(self.visitor.number(), number);
        let me = self.visitor.number();
        observer.board.arm(me, fault.and_then(Fault::point));
        let (answer, waited) = answer_of(function(self.visitor.clone()), fault).await;
        observer.board.arm(me, None);
        observer.note_stop(waited);
        let look = self.look(Some(number));
        match answer {
            Answer::Given(mut reply) => {
                look.head(&reply);
                reply.body = self.planted(reply.body).await;
                look.body(&reply);
            }
            Answer::Panicked(message) => look.panic(&message),
            Answer::Dropped => look.dropped(fault),
        }
    }

    async fn read(
        &mut self,
        answer: Answer<Result<Response<AnyBody>, BoxError>>,
        number: Option<usize>,
        fault: Option<Fault>,
    ) -> (Option<Reply>, bool) {
        match answer {
            Answer::Given(Ok(response)) => {
                (Some(self.read_reply(response, number, fault).await), false)
            }
            Answer::Given(Err(error)) => {
                self.look(number).error(error.as_ref());
                (None, true)
            }
            Answer::Panicked(message) => {
                self.look(number).panic(&message);
                (None, true)
            }
            Answer::Dropped => {
                self.look(number).dropped(fault);
                // One stream of many is over, as with HTTP/2, unless the server fell.
                (None, matches!(fault, Some(Fault::Panic { .. })))
            }
        }
    }

    async fn read_reply(
        &mut self,
        response: Response<AnyBody>,
        number: Option<usize>,
        fault: Option<Fault>,
    ) -> Reply {
        let (head, mut body) = response.into_parts();
        let mut reply = Reply { status: head.status, headers: head.headers, ..Reply::default() };
        self.keep(&reply);
        let look = self.look(number);
        look.head(&reply);
        if let Some(reason) = head.extensions.get::<ReasonPhrase>() {
            look.reason(reason.as_bytes());
        }
        let most = match fault {
            Some(Fault::CutBody { frames }) => frames as usize,
            _ => usize::MAX,
        };
        let mut whole = BytesMut::new();
        let mut first: Option<Bytes> = None;
        let mut frames = 0;
        let has_length = body.has_length();
        let most_bytes = if has_length { DecodedBody::LIMIT } else { MOST_BYTES };
        let patience = if self.world.settings.real_time { STREAM_IN_REAL_TIME } else { STREAM };
        let end = Instant::now() + patience;
        loop {
            if frames == most {
                look.dropped(fault);
                break;
            }
            let frame = timeout_at(end, answer_of(Box::pin(body.frame()), None)).await;
            let is_too_long = !has_length && (frames == MOST_FRAMES || Instant::now() >= end);
            let (Ok((frame, waited)), false) = (frame, is_too_long) else {
                look.endless();
                break;
            };
            look.observer.note_stop(waited);
            match frame {
                Answer::Given(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => {
                        frames += 1;
                        look.observer.board.note_progress();
                        if data.len() > most_bytes.saturating_sub(whole.len()) {
                            look.endless();
                            break;
                        }
                        if let Some(first) = first.take() {
                            look.chunk(&first);
                        }
                        match frames {
                            1 => first = Some(data.clone()),
                            _ => look.chunk(&data),
                        }
                        whole.extend_from_slice(&data);
                        if !body.is_end() {
                            // Whoever reads from a socket may have to wait.
                            coop::consume_budget().await;
                        }
                    }
                    Err(frame) => look.trailers(frame.trailers_ref()),
                },
                Answer::Given(Some(Err(error))) => {
                    look.error(error.as_ref());
                    break;
                }
                Answer::Given(None) | Answer::Dropped => break,
                Answer::Panicked(message) => {
                    look.panic(&message);
                    break;
                }
            }
        }
        drop(body);
        reply.body = self.planted(whole.freeze()).await;
        look.body(&reply);
        reply
    }

    async fn planted(&self, body: Bytes) -> Bytes {
        match &self.world.planted {
            Some(planting) => planting.answer(body).await,
            None => body,
        }
    }

    fn look(&self, request: Option<usize>) -> LookAtReply {
        let observer = std::sync::Arc::clone(&self.world.observer);
        LookAtReply { observer, session: self.visitor.number(), request }
    }

    /// Keeps what a browser would: cookies, and the session of a header.
    fn keep(&mut self, reply: &Reply) {
        for cookie in reply.headers.get_all(http::header::SET_COOKIE) {
            let text = cookie.to_str().unwrap_or_default();
            let pair = text.split(';').next().unwrap_or_default();
            let Some((name, value)) = pair.split_once('=') else { continue };
            let attributes = text.to_ascii_lowercase();
            if attributes.contains("max-age=0") || value.is_empty() {
                self.cookies.remove(name.trim());
            } else {
                self.cookies.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
        if let Some(session) = reply.headers.get(&SESSION_ID) {
            self.session = Some(session.clone());
        }
    }

    /// The request as it goes out.
    fn complete(&self, mut request: TestRequest) -> Option<Request<RequestBody>> {
        if let Some(session) = &self.session
            && !request.has(&SESSION_ID)
        {
            request.headers.insert(SESSION_ID, session.clone());
        }
        if !self.cookies.is_empty() && !request.has(&COOKIE) {
            let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
            let cookies = HeaderValue::try_from(pairs.collect::<Vec<_>>().join("; "));
            request.headers.insert(COOKIE, cookies.ok()?);
        }
        // Each real client of HTTP/1.1 says it; that of a URL has its own.
        if !self.world.running.is_remote() {
            let host = request.uri.as_ref().ok().and_then(Uri::authority);
            let host = host.map_or("localhost", Authority::as_str);
            request.headers.entry(HOST).or_insert(HeaderValue::try_from(host).ok()?);
        }
        let mut complete = Request::new(RequestBody::from(request.body));
        *complete.method_mut() = request.method;
        *complete.uri_mut() = request.uri.ok()?;
        *complete.headers_mut() = request.headers;
        Some(complete)
    }

    /// `POST /chat with user, secret`.
    fn told(&self, request: &TestRequest) -> String {
        let mut text = format!("{} {}", request.method, request.path());
        let uri = request.uri.as_ref().map(ToString::to_string).unwrap_or_default();
        let headers = request.headers.values().map(HeaderValue::as_bytes);
        let parts = headers.chain([uri.as_bytes(), &request.body[..]]);
        let found: Vec<_> = parts.flat_map(|part| self.world.observer.find(part)).collect();
        let names: BTreeSet<_> = found.iter().filter_map(CanaryMatch::field).collect();
        if !names.is_empty() {
            text.push_str(" with ");
            text.push_str(&names.into_iter().collect::<Vec<_>>().join(", "));
        }
        text
    }
}

/// The same number for requests that take the same way.
fn route_of(request: &TestRequest, is_login: bool) -> u64 {
    let bytes = request.method.as_str().bytes().chain(request.path().bytes());
    bytes.fold(u64::from(is_login) + 2, |hash, byte| mixed(hash, u64::from(byte)))
}

/// The sink of a cookie or of another header.
pub(super) fn sink_of_header(name: &HeaderName) -> Sink {
    if *name == http::header::SET_COOKIE { Sink::Cookie } else { Sink::Header }
}
