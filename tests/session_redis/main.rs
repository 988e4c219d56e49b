//! Sessions in Redis: a real server each, started here.

mod support;

mod broken;
mod contract;
