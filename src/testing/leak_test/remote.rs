//! A server behind a URL.

use super::any_body::AnyBody;
use super::request_body::RequestBody;
use super::subject::BoxError;
use super::subject::Connection;
use super::subject::LocalFuture;
use super::subject::OfUrl;
use super::subject::Program;
use super::subject::ProgramKind;
use super::subject::Served;
use super::subject::Subject;
use crate::spawn::spawn_outside;
use http::HeaderValue;
use http::Request;
use http::Response;
use http::Uri;
use http::header::HOST;
use http::uri::PathAndQuery;
use hyper::client::conn::http1;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use std::rc::Rc;
use tokio::net::TcpStream;

/// A server that runs elsewhere, for [`LeakTest::new`](crate::testing::LeakTest::new): see [`url`].
#[derive(Clone, Debug)]
pub struct Url {
    uri: Uri,
}

/// A server that runs elsewhere, by its URL: over HTTP/1.1, with a connection for each visitor.
///
/// Nothing of it is scheduled, and nothing can be replayed; what is seen of it are its responses.
///
/// ```no_run
/// use request_context::testing::LeakTest;
/// use request_context::testing::url;
///
/// LeakTest::new(url("http://127.0.0.1:3000")).seeds(0..10).assert_isolated();
/// ```
///
/// # Panics
/// If it is no `http://` URL with a host. There is no TLS: test behind what terminates it.
#[must_use]
#[track_caller]
pub fn url(url: &str) -> Url {
    match url.parse::<Uri>() {
        Ok(uri) if uri.scheme_str() == Some("http") && uri.host().is_some() => Url { uri },
        _ => panic!("{url:?} is no URL of a server: it has to begin with `http://` and a host"),
    }
}

impl Subject<OfUrl> for Url {
    fn into_program(self) -> Program {
        let make = move || Rc::new(self.clone()) as Rc<dyn Served>;
        Program { kind: ProgramKind::Service(Box::new(make)), is_remote: true }
    }
}

impl Served for Url {
    fn connect(&self) -> Box<dyn Connection> {
        Box::new(RemoteConnection { uri: self.uri.clone(), sender: None })
    }
}

struct RemoteConnection {
    uri: Uri,
    sender: Option<SendRequest<RequestBody>>,
}

impl RemoteConnection {
    async fn sender(&mut self) -> Result<&mut SendRequest<RequestBody>, BoxError> {
        let mut open = self.sender.take().filter(|sender| !sender.is_closed());
        if let Some(sender) = &mut open
            && sender.ready().await.is_err()
        {
            open = None;
        }
        let sender = match open {
            Some(sender) => sender,
            None => {
                let host = self.uri.host().unwrap_or_default();
                let host = host.trim_start_matches('[').trim_end_matches(']');
                let port = self.uri.port_u16().unwrap_or(80);
                let stream = TcpStream::connect((host, port)).await?;
                stream.set_nodelay(true)?;
                let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
                drop(spawn_outside(connection.with_upgrades()));
                sender
            }
        };
        Ok(self.sender.insert(sender))
    }
}

impl Connection for RemoteConnection {
    fn send(
        &mut self,
        mut request: Request<RequestBody>,
    ) -> LocalFuture<'_, Result<Response<AnyBody>, BoxError>> {
        Box::pin(async move {
            if let Some(authority) = self.uri.authority() {
                let host = HeaderValue::try_from(authority.as_str())?;
                request.headers_mut().entry(HOST).or_insert(host);
            }
            let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
            *request.uri_mut() = path.parse()?;
            let response = self.sender().await?.send_request(request).await?;
            Ok(response.map(AnyBody::new))
        })
    }
}
