//! [`IdentityHeader`]: how a listed origin is told for whom the call is made.

use crate::context::RequestContext;
use crate::tower::bearer_token;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

pub(super) type BoxError = Box<dyn Error + Send + Sync>;

type MakeText = dyn Fn(&RequestContext) -> Result<Option<String>, BoxError> + Send + Sync;

/// A header that says for whom a call is made, and the function that makes its text.
///
/// The function is asked for each call to a listed origin. It returns `None` where there is nobody
/// to name: the call goes out without. If it fails, or if its text could not stand in the header
/// exactly as it is, the call is **not sent**. The value is marked
/// [sensitive](HeaderValue::set_sensitive).
///
/// The function runs inside `call`, before anything is sent, so it must not block: let it take a token
/// that was made before, or sign one by itself.
///
/// What it should make is a signed token that lives for minutes. A bare user ID proves nothing, and
/// every host on the way could write another.
#[derive(Clone)]
#[must_use = "an identity header does nothing until a `ClientLayer` has it"]
pub struct IdentityHeader {
    pub(super) name: HeaderName,
    form: Form,
    make_text: Arc<MakeText>,
}

#[derive(Clone, Copy)]
enum Form {
    Bearer,
    Plain,
}

impl IdentityHeader {
    /// `authorization: Bearer <token>`, the token as in RFC 6750, section 2.1.
    ///
    /// Safe with a client that follows redirects by itself: reqwest, and tower-http's
    /// `FollowRedirect` with its standard policy, take the header `authorization` away for good
    /// when they are led to another origin.
    pub fn bearer(
        make_token: impl Fn(&RequestContext) -> Result<Option<String>, BoxError> + Send + Sync + 'static,
    ) -> Self {
        Self { name: AUTHORIZATION, form: Form::Bearer, make_text: Arc::new(make_token) }
    }

    /// A header of any name, for a layer **below which nothing follows redirects**.
    ///
    /// A client that follows one sends such a header on, to whatever origin it is led to: reqwest
    /// takes `authorization` and `cookie` away and leaves `x-user-token`. So say
    /// `reqwest::redirect::Policy::none()`, or use a client that does not follow any, as
    /// hyper-util's; redirects are then followed above the layer, see
    /// [`around_redirects`](super::ClientLayer::around_redirects).
    pub fn where_redirects_are_off(
        name: HeaderName,
        make_text: impl Fn(&RequestContext) -> Result<Option<String>, BoxError> + Send + Sync + 'static,
    ) -> Self {
        Self { name, form: Form::Plain, make_text: Arc::new(make_text) }
    }

    /// The value for a call in this context.
    pub(super) fn value(&self, context: &RequestContext) -> Result<Option<HeaderValue>, BoxError> {
        let Some(text) = (self.make_text)(context)? else { return Ok(None) };
        let mut value = self.form.header_value(text).ok_or(IllegalText)?;
        value.set_sensitive(true);
        Ok(Some(value))
    }
}

impl Form {
    fn header_value(self, text: String) -> Option<HeaderValue> {
        match self {
            Self::Plain => is_taken_as_it_is(&text).then(|| HeaderValue::try_from(text).ok())?,
            Self::Bearer => {
                let value = HeaderValue::try_from(format!("Bearer {text}")).ok()?;
                // Who is to read it decides: a server of ours.
                let headers = HeaderMap::from_iter([(AUTHORIZATION, value.clone())]);
                (bearer_token(&headers) == Ok(Some(&text))).then_some(value)
            }
        }
    }
}

/// Whether each reader takes the text for the same one: printable ASCII, and no space at either end,
/// which a reader would cut off.
fn is_taken_as_it_is(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(' ')
        && !text.ends_with(' ')
        && text.bytes().all(|byte| matches!(byte, 0x20..=0x7E))
}

impl fmt::Debug for IdentityHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityHeader").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Without the text, which may be a secret or an attack.
#[derive(Debug)]
struct IllegalText;

impl fmt::Display for IllegalText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text made for the header cannot stand there as it is; encode it")
    }
}

impl Error for IllegalText {}
