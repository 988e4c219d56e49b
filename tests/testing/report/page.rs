//! The report as a page of its own.

use super::isolated;
use super::leaked;
use super::vacuous;
use request_context::testing::Matrix;
use request_context::testing::Report;
use request_context::testing::StoryStep;

/// What a hostile server could write.
const HOSTILE: &str = "</code></style><script>alert(1)</script><img src=x onerror='a'>\"'&`<b\u{0}";

#[test]
fn nothing_that_a_server_writes_is_markup() {
    let mut report = leaked();
    let hostile = || HOSTILE.to_owned();
    report.name = hostile();
    report.schedule = hostile();
    report.replay = Some(hostile());
    report.notes = vec![hostile()];
    report.planted[0].name = hostile();
    report.vacuous = vacuous().vacuous;
    report.vacuous[0].instead = hostile();
    let mut sighting = report.leaks[0].first.clone();
    sighting.field = hostile();
    sighting.form = hostile();
    sighting.place = hostile();
    sighting.excerpt = hostile();
    report.leaks[0].first = sighting.clone();
    let story = report.story.as_mut().unwrap();
    story.sighting = sighting.clone();
    let steps = [
        StoryStep::Sends(hostile()),
        StoryStep::Stops { forced: true, operation: None, spans: hostile() },
        StoryStep::Receives(hostile()),
        StoryStep::Fault(hostile()),
        StoryStep::Point(hostile()),
        StoryStep::Sees(sighting),
    ];
    for (moment, step) in story.timeline.iter_mut().zip(steps) {
        moment.what = step;
    }
    let page = report.to_html();
    assert!(page.matches("alert(1)").count() >= 15, "all of it is on the page");
    for markup in ["<script", "<img", "onerror='", "</code></style>", "\u{0}", "<b\u{fffd}"] {
        assert!(!page.contains(markup), "{markup}");
    }
    assert_eq!(page.matches("</style>").count(), 1);
    assert_well_formed(&page);
}

#[test]
fn the_page_needs_nothing_else() {
    for report in [isolated(), leaked(), vacuous(), Report::default()] {
        let page = report.to_html();
        for outside in ["http:", "https:", "url(", "@import", "<link", "<script", "src=", "href="] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert!(page.contains("default-src 'none'") && page.contains("prefers-color-scheme"));
        assert!(page.contains("width=device-width"));
        assert_well_formed(&page);
    }
}

#[test]
fn the_matrix_is_empty_when_clean_and_has_a_cell_for_each_leak() {
    assert_eq!(isolated().to_html().matches("class=\"leak\"").count(), 0);
    assert_eq!(isolated().to_html().matches("class=\"own\"").count(), 8);
    let page = leaked().to_html();
    assert_eq!(page.matches("class=\"leak\"").count(), 3);
    assert!(page.contains("session 1 saw session 0 3 times"));
}

#[test]
fn a_matrix_of_many_sessions_stays_a_picture() {
    let mut report = isolated();
    report.matrix = Matrix::new(1000);
    report.matrix.add(999, 0);
    let page = report.to_html();
    assert_eq!(page.matches("class=\"leak\"").count(), 1);
    assert!(page.contains("session 975–999 saw session 0–24 1 times"));
    assert_eq!(page.matches("class=\"blind\"").count(), 40);
    assert!(page.len() < 50_000, "{}", page.len());
}

#[test]
fn the_timeline_marks_each_switch_and_says_which_was_forced() {
    let page = leaked().to_html();
    assert_eq!(page.matches("class=\"switch\"").count(), 2);
    assert_eq!(page.matches("class=\"switch forced\"").count(), 1);
    assert_eq!(page.matches("class=\"moment").count(), 9);
    assert!(page.contains("forced switch to session 1"));
}

#[test]
fn the_coverage_is_a_curve_that_never_falls() {
    let page = isolated().to_html();
    let line = page.split("<polyline class=\"line\" points=\"").nth(1).unwrap();
    let points = line.split('"').next().unwrap().split(' ').map(|point| {
        let (x, y) = point.split_once(',').unwrap();
        (x.parse::<f64>().unwrap(), y.parse::<f64>().unwrap())
    });
    let points: Vec<_> = points.collect();
    assert!(points.len() > 60);
    assert!(points.windows(2).all(|two| two[0].0 <= two[1].0 && two[0].1 >= two[1].1));
    let mut without = isolated();
    without.coverage.curve.clear();
    assert!(without.to_html().contains("No switch was seen"));
}

/// Each tag that is opened is closed, in order.
fn assert_well_formed(page: &str) {
    let mut open = Vec::new();
    for tag in page.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()) {
        let name = tag.split([' ', '/']).find(|part| !part.is_empty()).unwrap();
        let is_void = matches!(name, "meta" | "!DOCTYPE") || tag.ends_with('/');
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{tag}");
        } else if !is_void {
            open.push(name);
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}
