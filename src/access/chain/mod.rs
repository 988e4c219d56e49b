//! The hash chain: each line is sealed by a hash over itself and the hash of the line before.

mod fault;
mod head;
mod hex;
mod key;
mod seal;
mod verify;
mod verify_error;

pub use fault::Fault;
pub use head::Head;
pub use head::InvalidHead;
pub use key::ChainKey;
pub use key::InvalidKey;
pub use seal::Chain;
pub use verify::Expected;
pub use verify::Verified;
pub use verify::verify;
pub use verify_error::VerifyError;
