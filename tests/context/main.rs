//! The value that a request carries: IDs, typed values, derived and detached contexts.

mod builder;
mod debug;
mod detach;
mod errors;
mod freed;
mod id_limits;
mod id_text;
mod reach;
mod values;
