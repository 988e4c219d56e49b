//! What the scanner remembers of a file: enough for every rule, and no syntax tree.
//!
//! Facts depend on the file's text alone, so that they can be kept under the hash of the text.

mod body;
mod file;
mod item;
mod origin;
mod span;
mod ty;

pub(super) use body::Access;
pub(super) use body::Call;
pub(super) use body::CallKind;
pub(super) use body::EnvironmentWrite;
pub(super) use body::Flow;
pub(super) use body::Guard;
pub(super) use body::GuardKind;
pub(super) use body::Handed;
pub(super) use body::Header;
pub(super) use body::Log;
pub(super) use body::Made;
pub(super) use body::OF_ADDRESS;
pub(super) use body::OF_HEADER;
pub(super) use body::Place;
pub(super) use body::Spawn;
pub(super) use body::Use;
pub(super) use file::FileFacts;
pub(super) use file::Import;
pub(super) use file::ModDecl;
pub(super) use file::Scope;
pub(super) use file::Suppression;
pub(super) use item::Attribute;
pub(super) use item::Field;
pub(super) use item::FnFacts;
pub(super) use item::ImplOf;
pub(super) use item::MacroUse;
pub(super) use item::Param;
pub(super) use item::Shape;
pub(super) use item::Static;
pub(super) use item::StaticKind;
pub(super) use item::TypeDecl;
pub(super) use origin::Origin;
pub(super) use origin::Passed;
pub(super) use span::Span;
pub(super) use ty::Ty;
