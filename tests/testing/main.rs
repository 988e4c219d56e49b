//! The kit that proves isolation.

mod canary;
mod gallery;
mod gallery_of_leaks;
mod leak_test;
mod report;
