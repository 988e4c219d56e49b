//! The line of text.

use crate::support::ada;
use crate::support::logged_by;
use request_context::LogLayer;
use tracing::info;
use tracing::info_span;
use tracing::warn;

fn text(f: impl FnOnce()) -> String {
    logged_by(LogLayer::text().with_timer(()), f).text()
}

#[test]
fn the_ids_stand_before_anything_that_a_user_can_choose() {
    let line = text(|| {
        ada().sync_scope(|| {
            info_span!("cart", sku = "4 2", n = 1).in_scope(|| warn!(left = 3, "almost gone"));
        });
    });
    let target = module_path!();
    assert_eq!(
        line,
        format!(
            " WARN request.id=r-1 session.id=s-1 user.id=ada cart{{sku=\"4 2\" n=1}}: \
             {target}: almost gone left=3\n"
        )
    );
}

#[test]
fn a_line_has_its_time_first_and_no_ids_outside_a_context() {
    let line = logged_by(LogLayer::text(), || info!("hello")).text();
    let (time, rest) = line.split_once(' ').unwrap();
    assert!(time.ends_with('Z'), "{line}");
    assert_eq!(rest, format!(" INFO {}: hello\n", module_path!()));
}

#[test]
fn a_message_that_is_not_the_first_field_is_set_off() {
    assert_eq!(
        text(|| info!(a = 1, message = "later", b = %"x")),
        format!(" INFO {}: a=1 later b=x\n", module_path!())
    );
}

#[test]
fn spans_without_fields_show_their_names() {
    let line = text(|| {
        info_span!("a").in_scope(|| info_span!("b", x = ?()).in_scope(|| info!("m")));
    });
    assert_eq!(line, format!(" INFO a:b{{x=\"()\"}}: {}: m\n", module_path!()));
}
