//! A folder that goes away, a resource, and a trail in it.

use request_context::RequestContext;
use request_context::UserId;
use request_context::access;
use request_context::access::Action;
use request_context::access::Resource;
use request_context::access::trail::Expected;
use request_context::access::trail::FileSink;
use request_context::access::trail::Trail;
use request_context::access::trail::TrailBuilder;
use request_context::access::trail::TrailError;
use request_context::access::trail::Verified;
use request_context::access::trail::VerifyError;
use request_context::access::trail::verify;
use request_context::owner::Owner;
use std::borrow::Cow;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

/// A folder of its own for each test, removed at its end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        static NTH: AtomicU32 = AtomicU32::new(0);
        let nth = NTH.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("trail-{name}-{}-{nth}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn sink(&self) -> FileSink {
        FileSink::in_dir(&self.0)
    }

    /// The files of the trail, oldest first.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        files_in(&self.0)
    }

    /// All lines of the trail.
    pub(crate) fn lines(&self) -> Vec<String> {
        let read = |file: PathBuf| fs::read_to_string(file).unwrap();
        self.files().into_iter().flat_map(|file| lines_of(&read(file))).collect()
    }

    pub(crate) fn verify(&self) -> Result<Verified, VerifyError> {
        self.verify_as(&Expected::default())
    }

    pub(crate) fn verify_as(&self, expected: &Expected) -> Result<Verified, VerifyError> {
        verify(&self.files(), expected)
    }
}

pub(crate) fn files_in(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|e| e == "jsonl")).collect();
    files.sort();
    files
}

fn lines_of(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A patient's chart.
pub(crate) struct Chart {
    pub(crate) id: String,
    pub(crate) patient: Option<UserId>,
}

impl Resource for Chart {
    const TYPE: &'static str = "chart";

    fn id(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.id)
    }

    fn owner(&self) -> Owner {
        self.patient.clone().map_or(Owner::nobody(), Owner::user)
    }
}

pub(crate) fn chart(id: &str) -> Chart {
    Chart { id: id.to_owned(), patient: None }
}

pub(crate) fn builder() -> TrailBuilder {
    Trail::builder("records").instance("one")
}

pub(crate) fn context(trail: &Trail) -> RequestContext {
    RequestContext::builder().user("ada".parse().unwrap()).insert(trail.clone()).build()
}

/// Reads the chart of this ID, on record.
pub(crate) async fn read(trail: &Trail, id: &str) -> Result<(), TrailError> {
    context(trail).scope(async { access::record(Action::Read, &chart(id)).await }).await
}

/// A trail of so many accesses, closed, in the folder.
pub(crate) fn write_trail(builder: TrailBuilder, sink: FileSink, accesses: usize) {
    let trail = builder.open(sink).unwrap();
    pollster::block_on(async {
        for nth in 0..accesses {
            read(&trail, &format!("c-{nth}")).await.unwrap();
        }
        trail.close().await.unwrap();
    });
}
