//! The head of a request, which stays in one piece unless the user's code asks for [`Parts`]: to
//! take a request apart and put it together again is to move it four times.

use http::Extensions;
use http::HeaderMap;
use http::Request;
use http::request::Parts;

/// What the layer reads and changes in either.
pub(super) trait Head {
    fn headers(&self) -> &HeaderMap;
    fn headers_mut(&mut self) -> &mut HeaderMap;
    fn extensions(&self) -> &Extensions;
    /// `None` in one piece.
    fn parts(&self) -> Option<&Parts>;
}

impl<B> Head for Request<B> {
    fn headers(&self) -> &HeaderMap {
        self.headers()
    }

    fn headers_mut(&mut self) -> &mut HeaderMap {
        self.headers_mut()
    }

    fn extensions(&self) -> &Extensions {
        self.extensions()
    }

    fn parts(&self) -> Option<&Parts> {
        None
    }
}

impl Head for Parts {
    fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.headers
    }

    fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    fn parts(&self) -> Option<&Parts> {
        Some(self)
    }
}
