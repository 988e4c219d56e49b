//! From a finding for review to a leak test, and back: `check --prove`, in packages of their own.

mod package;
mod real;
mod written;
