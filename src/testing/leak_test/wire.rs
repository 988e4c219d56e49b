//! `Wire`: a real HTTP/1.1 connection to a service in this process.

use super::any_body::AnyBody;
use super::request_body::RequestBody;
use super::subject::BoxError;
use super::subject::Connection;
use super::subject::LocalFuture;
use super::subject::Served;
use bytes::Bytes;
use bytes::BytesMut;
use http::Request;
use http::Response;
use http::StatusCode;
use http_body::Body;
use http_body::Frame;
use hyper::body::Incoming;
use hyper::client::conn::http1 as client;
use hyper::client::conn::http1::SendRequest;
use hyper::server::conn::http1 as server;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::pin::pin;
use std::rc::Rc;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use tokio::io::duplex;
use tokio::sync::Mutex;

/// How much is under way in each direction.
const BUFFER: usize = 64 * 1024;

/// A real HTTP/1.1 connection to a service in this process, kept alive from one request to the next
/// and opened again where it was closed.
///
/// Whoever sends a request polls both ends of it, so that the schedule governs the server too.
pub(super) struct Wire {
    served: Rc<dyn Served>,
    open: Option<(SendRequest<RequestBody>, Rc<Driver>)>,
}

impl Wire {
    pub(super) fn new(served: Rc<dyn Served>) -> Self {
        Self { served, open: None }
    }

    async fn connect(&self) -> Result<(SendRequest<RequestBody>, Rc<Driver>), BoxError> {
        let (near, far) = duplex(BUFFER);
        let (sender, near) = client::handshake(TokioIo::new(near)).await?;
        let service = Rc::new(Mutex::new(self.served.connect()));
        let service = service_fn(move |request: Request<Incoming>| {
            let service = Rc::clone(&service);
            async move {
                let (head, mut body) = request.into_parts();
                let mut whole = BytesMut::new();
                while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
                    if let Ok(data) = frame?.into_data() {
                        whole.extend_from_slice(&data);
                    }
                }
                let request = Request::from_parts(head, RequestBody::from(whole.freeze()));
                service.lock().await.send(request).await
            }
        });
        let far = server::Builder::new().serve_connection(TokioIo::new(far), service);
        let mut far = Some(Box::pin(far.with_upgrades()));
        let mut near = Some(Box::pin(near.with_upgrades()));
        let both = poll_fn(move |cx| {
            if let Some(end) = &mut far
                && let Poll::Ready(ended) = end.as_mut().poll(cx)
            {
                far = None;
                ended?;
            }
            if let Some(end) = &mut near
                && let Poll::Ready(ended) = end.as_mut().poll(cx)
            {
                near = None;
                ended?;
            }
            if far.is_none() && near.is_none() { Poll::Ready(Ok(())) } else { Poll::Pending }
        });
        Ok((sender, Rc::new(Driver { both: RefCell::new(Some(Box::pin(both))) })))
    }
}

impl Connection for Wire {
    fn send(
        &mut self,
        request: Request<RequestBody>,
    ) -> LocalFuture<'_, Result<Response<AnyBody>, BoxError>> {
        Box::pin(async move {
            let mut open = self.open.take();
            if let Some((sender, driver)) = &mut open
                && driver.along(sender.ready()).await.is_err()
            {
                open = None;
            }
            let (mut sender, driver) = match open {
                Some(open) => open,
                None => self.connect().await?,
            };
            let exchange = Exchange { driver: Rc::clone(&driver), is_over: false };
            let response = driver.along(sender.send_request(request)).await?;
            if response.status() == StatusCode::SWITCHING_PROTOCOLS {
                poll_fn(|cx| driver.poll(cx)).await?;
            } else {
                self.open = Some((sender, driver));
            }
            Ok(response.map(|body| AnyBody::new(WireBody { body, exchange })))
        })
    }
}

/// What moves both ends on.
struct Driver {
    both: RefCell<Option<LocalFuture<'static, Result<(), BoxError>>>>,
}

impl Driver {
    fn poll(&self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        let mut both = self.both.borrow_mut();
        let Some(running) = both.as_mut() else { return Poll::Ready(Ok(())) };
        let ended = ready!(running.as_mut().poll(cx));
        *both = None;
        Poll::Ready(ended)
    }

    /// Awaits `future`, and moves both ends on meanwhile.
    async fn along<T>(
        &self,
        future: impl Future<Output = Result<T, hyper::Error>>,
    ) -> Result<T, BoxError> {
        let mut future = pin!(future);
        poll_fn(|cx| {
            let driven = self.poll(cx);
            match (future.as_mut().poll(cx), driven) {
                (Poll::Ready(Ok(value)), _) => Poll::Ready(Ok(value)),
                // What the server fails with says more than that it is gone.
                (_, Poll::Ready(Err(error))) => Poll::Ready(Err(error)),
                (Poll::Ready(Err(error)), _) => Poll::Ready(Err(error.into())),
                // Where both ends are at theirs, it is told so with its next operation.
                (Poll::Pending, _) => Poll::Pending,
            }
        })
        .await
    }
}

/// Closes the connection if it is dropped before it is over, as a client that goes away does.
struct Exchange {
    driver: Rc<Driver>,
    is_over: bool,
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if !self.is_over {
            // Not within the borrow: it runs destructors of the code under test.
            let both = self.driver.both.take();
            drop(both);
        }
    }
}

/// The body of a response, which moves the connection on as it is read.
struct WireBody {
    body: Incoming,
    exchange: Exchange,
}

impl Body for WireBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        let driven = this.exchange.driver.poll(cx);
        match (Pin::new(&mut this.body).poll_frame(cx), driven) {
            (Poll::Ready(Some(Ok(frame))), _) => Poll::Ready(Some(Ok(frame))),
            (_, Poll::Ready(Err(error))) => Poll::Ready(Some(Err(error))),
            (Poll::Ready(Some(Err(error))), _) => Poll::Ready(Some(Err(error.into()))),
            (Poll::Ready(None), _) => {
                this.exchange.is_over = true;
                Poll::Ready(None)
            }
            (Poll::Pending, _) => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
}
