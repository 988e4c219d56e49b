//! A context finds each of its values by its type, however many there are.

use request_context::ContextValue;
use request_context::RequestContext;
use request_context::RequestContextBuilder;

struct Nth<const N: usize>(usize);

impl<const N: usize> ContextValue for Nth<N> {}

/// One after the other, so that there are more types than a table of them has places.
macro_rules! each {
    ($call:ident!($($given:tt)*)) => {
        each!(@ $call ($($given)*) 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24
            25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49)
    };
    (@ $call:ident $given:tt $($n:literal)*) => { $($call!($given $n);)* };
}

fn with<const N: usize>(builder: RequestContextBuilder, value: usize) -> RequestContextBuilder {
    builder.insert(Nth::<N>(value))
}

fn value<const N: usize>(context: &RequestContext) -> Option<usize> {
    context.get::<Nth<N>>().map(|nth| nth.0)
}

#[test]
fn each_of_fifty_is_found_and_none_that_is_not_there() {
    let mut context = RequestContext::new();
    macro_rules! is_missing {
        (($context:ident) $n:literal) => {
            assert_eq!(value::<$n>(&$context), None)
        };
    }
    macro_rules! is_found_once_inserted {
        (($context:ident) $n:literal) => {
            assert_eq!(value::<$n>(&$context), None, "{}", $n);
            $context = with::<$n>($context.to_builder(), $n).build();
            assert_eq!(value::<$n>(&$context), Some($n));
        };
    }
    macro_rules! is_there {
        (($context:ident) $n:literal) => {
            assert_eq!(value::<$n>(&$context), Some($n))
        };
    }
    each!(is_missing!(context));
    each!(is_found_once_inserted!(context));
    each!(is_there!(context));
    assert_eq!(value::<50>(&context), None);
}

#[test]
fn each_that_is_replaced_is_the_new_one_and_the_others_stay() {
    let mut context = RequestContext::new();
    macro_rules! insert {
        (($context:ident) $n:literal) => {
            $context = with::<$n>($context.to_builder(), $n).build()
        };
    }
    macro_rules! replace {
        (($context:ident) $n:literal) => {
            assert_eq!(value::<$n>(&$context), Some($n));
            $context = with::<$n>($context.to_builder(), 100 + $n).build();
        };
    }
    macro_rules! is_new {
        (($context:ident) $n:literal) => {
            assert_eq!(value::<$n>(&$context), Some(100 + $n))
        };
    }
    each!(insert!(context));
    each!(replace!(context));
    each!(is_new!(context));
}
