//! Who may: permits, the policies that give them, and where they hold.

mod break_glass;
mod canary;
mod cedar;
mod decision;
mod detached;
mod layer;
mod policy;
mod stream;
mod support;
mod use_of_permit;
