//! From a path to the facts of the files below it.

mod cache;
mod calls;
mod gather;
mod lexer;
mod lines;
mod members;
mod package;
mod project;
mod skeleton;
mod statement;
mod words;

pub(super) use cache::Cache;
pub(super) use gather::Gathered;
pub(super) use gather::SourceFile;
pub(super) use gather::gather;
pub(super) use gather::text_of;
pub(super) use lexer::MARKS;
pub(super) use lexer::reduce;
pub(super) use lines::Lines;
pub(super) use package::Package;
pub(super) use project::Project;
pub(super) use project::Projects;
pub(super) use skeleton::Skeleton;
pub(super) use words::is_limit;
pub(super) use words::is_log_macro;
pub(super) use words::is_said_word;
pub(super) use words::is_secret_word;
