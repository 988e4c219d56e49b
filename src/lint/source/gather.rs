//! Follows the modules of each target and reads their files, on all cores.

use super::Cache;
use super::Package;
use super::members::normal;
use crate::lint::extract::extract;
use crate::lint::facts::FileFacts;
use crate::lint::facts::ModDecl;
use crate::lint::facts::Span;
use std::collections::HashSet;
use std::fs;
use std::num::NonZero;
use std::panic;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;

/// The parser's recursion needs more than a thread has: the lexer's bounds were measured against this.
const STACK: usize = 256 << 20;
/// A larger file is no source that somebody wrote.
const MAX_BYTES: u64 = 16 << 20;

/// What was read.
#[derive(Debug, Default)]
pub(in crate::lint) struct Gathered {
    /// By path.
    pub(in crate::lint) files: Vec<SourceFile>,
    /// What could not be read or followed, and where that was asked for.
    pub(in crate::lint) faults: Vec<(PathBuf, Span, String)>,
    /// Modules that are there in tests only.
    pub(in crate::lint) left_out: Vec<PathBuf>,
    /// The modules whose files could not be read at all.
    unread: Vec<String>,
}

impl Gathered {
    /// The modules of which it is not known what they say.
    pub(in crate::lint) fn unread(&self) -> impl Iterator<Item = &str> {
        let faulty = self.files.iter().filter(|file| file.facts.fault.is_some());
        faulty.map(|file| &*file.module).chain(self.unread.iter().map(String::as_str))
    }
}

/// A file and what it says.
#[derive(Clone, Debug)]
pub(in crate::lint) struct SourceFile {
    pub(in crate::lint) path: PathBuf,
    /// The package, as an index.
    pub(in crate::lint) package: usize,
    /// The path of its module: `crate_name::a::b`.
    pub(in crate::lint) module: String,
    pub(in crate::lint) facts: Arc<FileFacts>,
    key: u64,
}

/// A file to read.
struct Job {
    path: PathBuf,
    package: usize,
    module: String,
    /// Whether its modules stand beside it, and not in a folder of its name.
    owns_folder: bool,
    parents: Option<Arc<Parent>>,
}

struct Parent {
    path: PathBuf,
    next: Option<Arc<Self>>,
}

#[derive(Default)]
struct Queue {
    jobs: Vec<Job>,
    busy: usize,
    seen: HashSet<PathBuf>,
    gathered: Gathered,
}

/// Reads all files of `packages`.
pub(in crate::lint) fn gather(packages: &[Package], cache: &Cache) -> Gathered {
    let mut queue = Queue::default();
    for (package, roots) in packages.iter().enumerate() {
        for path in &roots.roots {
            queue.push(Job {
                path: path.clone(),
                package,
                module: roots.name.clone(),
                owns_folder: true,
                parents: None,
            });
        }
    }
    let (queue, ready) = (Mutex::new(queue), Condvar::new());
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 0..workers {
            let worker = thread::Builder::new().stack_size(STACK);
            #[expect(clippy::disallowed_methods, reason = "no request is served here")]
            let started = worker.spawn_scoped(scope, || work(&queue, &ready, cache));
            if started.is_err() {
                break;
            }
        }
    });
    let mut queue = queue.into_inner().unwrap_or_else(PoisonError::into_inner);
    // Without a single thread, on this one: less may be nested, but nothing is lost.
    while let Some(job) = queue.jobs.pop() {
        let (read, jobs) = job.run(cache);
        queue.take(read, jobs);
    }
    let mut gathered = queue.gathered;
    gathered.files.sort_by(|a, b| a.path.cmp(&b.path));
    gathered.faults.sort();
    if cache.is_on() {
        let facts: Vec<_> = gathered.files.iter().map(|file| (file.key, &*file.facts)).collect();
        cache.save(&facts);
    }
    gathered
}

fn work(queue: &Mutex<Queue>, ready: &Condvar, cache: &Cache) {
    let mut locked = queue.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let Some(job) = locked.jobs.pop() else {
            if locked.busy == 0 {
                return ready.notify_all();
            }
            locked = ready.wait(locked).unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        locked.busy += 1;
        drop(locked);
        let (read, jobs) = job.run(cache);
        locked = queue.lock().unwrap_or_else(PoisonError::into_inner);
        locked.busy -= 1;
        locked.take(read, jobs);
        ready.notify_all();
    }
}

impl Queue {
    fn push(&mut self, job: Job) {
        let path = fs::canonicalize(&job.path).unwrap_or_else(|_| job.path.clone());
        if self.seen.insert(path) {
            self.jobs.push(job);
        }
    }

    fn take(&mut self, read: Gathered, jobs: Vec<Job>) {
        self.gathered.files.extend(read.files);
        self.gathered.faults.extend(read.faults);
        self.gathered.left_out.extend(read.left_out);
        self.gathered.unread.extend(read.unread);
        for job in jobs {
            self.push(job);
        }
    }
}

impl Job {
    fn run(self, cache: &Cache) -> (Gathered, Vec<Self>) {
        let text = match read(&self.path) {
            Ok(text) => text,
            Err(what) => {
                let faults = vec![(self.path, Span::default(), what)];
                let unread = vec![self.module];
                return (Gathered { faults, unread, ..Gathered::default() }, Vec::new());
            }
        };
        let key = if cache.is_on() { Cache::key(text.as_bytes()) } else { 0 };
        let facts = match cache.get(key) {
            Some(facts) => facts,
            None => panic::catch_unwind(|| extract(&text)).unwrap_or_else(|_| FileFacts {
                fault: Some(("the parser failed on this file".to_owned(), Span::default())),
                ..FileFacts::default()
            }),
        };
        let (mut faults, mut left_out) = (Vec::new(), Vec::new());
        if let Some((what, span)) = &facts.fault {
            faults.push((self.path.clone(), *span, what.clone()));
        }
        let parents =
            Some(Arc::new(Parent { path: self.path.clone(), next: self.parents.clone() }));
        let mut jobs = Vec::new();
        for module in &facts.mods {
            let (of_module, what) = self.children(module, &parents);
            faults.extend(what.map(|what| (self.path.clone(), module.span, what)));
            if module.is_test {
                left_out.extend(of_module.into_iter().map(|job| job.path));
            } else {
                jobs.extend(of_module);
            }
        }
        let Self { path, package, module, .. } = self;
        let facts = Arc::new(facts);
        let files = vec![SourceFile { path, package, module, facts, key }];
        (Gathered { files, faults, left_out, ..Gathered::default() }, jobs)
    }

    /// The files of a module that this one declares: more than one where the path depends on a `cfg_attr`.
    /// And what is wrong with the declaration.
    fn children(
        &self,
        module: &ModDecl,
        parents: &Option<Arc<Parent>>,
    ) -> (Vec<Self>, Option<String>) {
        let places = self.places(module);
        let there: Vec<_> = places.iter().filter(|(path, _)| path.is_file()).collect();
        // Behind a `cfg` a module need not have a file.
        if there.is_empty() && !module.is_optional {
            let beside = self.path.parent().unwrap_or(Path::new(""));
            let names = places.iter().map(|(path, _)| {
                format!("`{}`", path.strip_prefix(beside).unwrap_or(path).display())
            });
            let names = names.collect::<Vec<_>>().join(" nor ");
            let is_one = places.len() == 1;
            let what =
                if is_one { format!("{names} is not") } else { format!("neither {names} is") };
            return (Vec::new(), Some(format!("this has no file to read: {what} there")));
        }
        let is_around = |path: &Path| {
            std::iter::successors(parents.as_deref(), |parent| parent.next.as_deref())
                .any(|parent| parent.path == path)
        };
        let inner = module.inside.iter().map(String::as_str);
        let own = (!module.is_include).then_some(module.name.as_str());
        let names = std::iter::once(&*self.module).chain(inner).chain(own);
        let names = names.collect::<Vec<_>>().join("::");
        let (around, inside): (Vec<_>, Vec<_>) =
            there.into_iter().partition(|(path, _)| is_around(path));
        let jobs = inside.into_iter().map(|(path, owns_folder)| Self {
            path: path.clone(),
            package: self.package,
            module: names.clone(),
            owns_folder: *owns_folder,
            parents: parents.clone(),
        });
        let fault = around.first().map(|(path, _)| {
            format!("`{}` is a module of itself: the circle is cut here", path.display())
        });
        (jobs.collect(), fault)
    }

    /// Where the file of a module may be, and whether its modules stand beside it then.
    fn places(&self, module: &ModDecl) -> Vec<(PathBuf, bool)> {
        let beside = self.path.parent().unwrap_or(Path::new(""));
        let own = match self.owns_folder {
            true => beside.to_owned(),
            false => beside.join(self.path.file_stem().unwrap_or_default()),
        };
        let folder = own.join(module.inside.iter().collect::<PathBuf>());
        let from = if module.inside.is_empty() { beside } else { &folder };
        let named = module.path.iter().chain(&module.other_paths);
        let mut places: Vec<_> = named.map(|path| (normal(&from.join(path)), true)).collect();
        if module.path.is_none() {
            let file = normal(&folder.join(format!("{}.rs", module.name)));
            let in_folder = normal(&folder.join(&module.name).join("mod.rs"));
            if file.is_file() {
                places.push((file, false));
            } else {
                places.extend([(file, false), (in_folder, true)]);
            }
        }
        places
    }
}

/// The text of a file that was read before; empty where it is gone.
pub(in crate::lint) fn text_of(path: &Path) -> String {
    read(path).unwrap_or_default()
}

fn read(path: &Path) -> Result<String, String> {
    let size = fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > MAX_BYTES {
        return Err(format!("is larger than {} MiB and was not read", MAX_BYTES >> 20));
    }
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    let mut text = String::from_utf8(bytes).map_err(|error| {
        format!("is not UTF-8 (byte {}) and was not read", error.utf8_error().valid_up_to())
    })?;
    // The parser does not count it, so no offset may.
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}
