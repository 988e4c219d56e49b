//! The IDs: what they may hold, kept as text that is rendered once.

mod error;
mod request;
mod session;
#[cfg(feature = "owner")]
mod tenant;
mod text;
mod user;

pub use error::InvalidId;
pub use request::RequestId;
pub use session::SessionId;
#[cfg(feature = "owner")]
pub use tenant::TenantId;
pub use user::UserId;

/// What every ID has: text in, text out, comparable by that text.
macro_rules! text_id {
    ($id:ident) => {
        impl $id {
            /// The ID as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.text.as_str()
            }
        }

        #[cfg(feature = "access")]
        impl $id {
            /// The text, without a look at whether it is one: [`as_str`](Self::as_str) has to.
            #[inline]
            pub(crate) fn as_bytes(&self) -> &[u8] {
                self.text.as_bytes()
            }
        }

        impl AsRef<str> for $id {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl std::fmt::Display for $id {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::fmt::Debug for $id {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($id)).field(&self.as_str()).finish()
            }
        }

        impl std::str::FromStr for $id {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                match Self::surely(text) {
                    Some(text) => Ok(Self { text }),
                    None => Self::doubtful(text),
                }
            }
        }

        impl $id {
            /// Apart, so that it does not weigh on the usual case.
            #[cold]
            fn doubtful(text: &str) -> Result<Self, InvalidId> {
                Self::check(text)?;
                Ok(Self { text: Text::new(text) })
            }
        }

        impl TryFrom<&str> for $id {
            type Error = InvalidId;

            fn try_from(text: &str) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl TryFrom<String> for $id {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }
    };
}
use text_id;
